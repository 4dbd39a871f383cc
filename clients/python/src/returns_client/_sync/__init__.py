"""The synchronous client. Made from `_async` by tools/make_sync.py, except `ground`: change it there."""
