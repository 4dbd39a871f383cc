"""What is stored and how it is written and read, on SQLite and PostgreSQL; the only user of SQLAlchemy and drivers."""
