"""The page on which a person writes as a user of either platform and watches Parley answer.

Plain HTML, CSS and JavaScript modules, served from `static/`; nothing comes from elsewhere. It draws what the control
APIs of the platforms tell, and knows nothing of Parley.
"""
