// Each case starts a server with a PostgreSQL and loads both: two at once would only make both slow.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
