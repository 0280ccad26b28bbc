"""Tactical profiles: how a side plays, by documented rules over percentiles within its league's season."""
