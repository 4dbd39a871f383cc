"""The asyncio client, written by hand; `_sync` is made from it by tools/make_sync.py, except its `ground`."""
