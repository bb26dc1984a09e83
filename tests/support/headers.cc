// Nothing but the headers that the tests share, precompiled once for all of them.
