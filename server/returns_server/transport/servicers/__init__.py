"""The methods of each service: a servicer translates and decides nothing."""
