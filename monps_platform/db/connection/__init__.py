"""How connections are made: addresses, pools, engines, and which server there is."""
