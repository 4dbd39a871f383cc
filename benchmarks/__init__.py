"""How fast the service is, beside what bounds it: a bare echo server and the databases' own limits."""
