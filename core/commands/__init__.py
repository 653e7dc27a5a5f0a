"""Each command once: its options, who may use it and what it does. Platforms render the declaration."""
