"""The Web API's methods, one module for each family of them; `web_api` calls them."""
