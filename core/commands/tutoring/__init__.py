"""`/tutor`: sessions begun, steered, shown and exported; the buttons under a tutor's messages; courses of channels."""
