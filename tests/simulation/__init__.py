"""A whole Diana in one thread and in virtual time: workers, a store, Telegram and players, with faults, from one seed.

Everything that happens is drawn from the seed, so a run that fails can be run again. The store takes time at every call
and the workers' calls overlap; a worker dies without being asked, and none of its calls comes back, or stops when it is told to; updates are
delivered again, twice at once and to whichever worker; Telegram floods, fails, and cuts the connection after it has
delivered; a subscriber listens, and often cannot; in some runs the story is published anew, and anew. When the faults end, everything must come right within a bounded time, and then the books are checked.
"""
