using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using Npgsql;
using NpgsqlTypes;

namespace LlmObserve.Storage.Ledger;

/// <summary>Totals of caps.</summary>
public sealed partial class LedgerStore
{
    /// <summary>
    /// Totals of many caps in one snapshot, with at most four queries however many caps there are: days nest in every cap's period, so caps
    /// without a customer read R5, customers R2, and customers narrowed to a provider or model R3.
    /// </summary>
    public Task<LoadedCapTotals> LoadCapTotalsAsync(
        AccountId account, IReadOnlyList<CapTotalQuery> queries, CancellationToken cancellationToken)
    {
        List<NpgsqlBatchCommand> commands = [];
        List<Action<NpgsqlDataReader, CapSums>> readers = [];
        var plain = queries.Where(query => query.Scope.Type != CapType.Customer).ToList();
        if (plain.Count > 0)
        {
            commands.Add(PlainQuery(account, plain));
            readers.Add(ReadPlain);
        }

        var customers = queries.Where(query => query.Scope is { Type: CapType.Customer, SubScope: CapSubScope.None }).ToList();
        if (customers.Count > 0)
        {
            commands.Add(CustomerQuery(account, customers));
            readers.Add(ReadCustomer);
        }

        var narrowed = queries.Where(query => query.Scope.SubScope != CapSubScope.None).ToList();
        if (narrowed.Count > 0)
        {
            commands.Add(NarrowedQuery(account, narrowed));
            readers.Add(ReadNarrowed);
        }

        return ReadSnapshotAsync(
            account,
            commands,
            async (head, reader) =>
            {
                var sums = new CapSums();
                foreach (var read in readers)
                {
                    await reader.NextResultAsync(cancellationToken);
                    while (await reader.ReadAsync(cancellationToken))
                    {
                        read(reader, sums);
                    }
                }

                return new LoadedCapTotals(head, [.. queries.Select(query => sums.Of(query))]);
            },
            cancellationToken);
    }

    private static NpgsqlBatchCommand PlainQuery(AccountId account, List<CapTotalQuery> queries) => new(
        """
        SELECT w.from_day, w.to_day, u.provider, u.model, u.agent, sum(u.cost_nanos)::bigint
        FROM (SELECT unnest($2::timestamptz[]) AS from_day, unnest($3::timestamptz[]) AS to_day) w
        JOIN usage_day_total u ON u.account_id = $1 AND u.day >= w.from_day AND u.day < w.to_day
        GROUP BY 1, 2, 3, 4, 5
        """)
    {
        Parameters = { new() { Value = account.Value }, Starts(queries), Ends(queries) },
    };

    private static void ReadPlain(NpgsqlDataReader reader, CapSums sums)
    {
        var (from, to) = ReadRange(reader);
        var cost = reader.GetInt64(5);
        sums.Add(new(CapType.Global, ""), from, to, cost);
        sums.Add(new(CapType.Provider, reader.GetString(2)), from, to, cost);
        sums.Add(new(CapType.Model, reader.GetString(3)), from, to, cost);
        sums.Add(new(CapType.Agent, reader.GetString(4)), from, to, cost);
    }

    private static NpgsqlBatchCommand CustomerQuery(AccountId account, List<CapTotalQuery> queries) => new(
        """
        SELECT w.from_day, w.to_day, u.customer_id, sum(u.cost_nanos)::bigint
        FROM (SELECT unnest($2::timestamptz[]) AS from_day, unnest($3::timestamptz[]) AS to_day) w
        JOIN usage_day_customer u ON u.account_id = $1 AND u.customer_id = ANY ($4) AND u.day >= w.from_day AND u.day < w.to_day
        GROUP BY 1, 2, 3
        """)
    {
        Parameters = { new() { Value = account.Value }, Starts(queries), Ends(queries), Targets(queries) },
    };

    private static void ReadCustomer(NpgsqlDataReader reader, CapSums sums)
    {
        var (from, to) = ReadRange(reader);
        sums.Add(new(CapType.Customer, reader.GetString(2)), from, to, reader.GetInt64(3));
    }

    /// <summary>R2 says on which days a customer called at all: R3 is entered there only.</summary>
    private static NpgsqlBatchCommand NarrowedQuery(AccountId account, List<CapTotalQuery> queries) => new(
        """
        SELECT w.from_day, w.to_day, u.customer_id, u.provider, u.model, sum(u.cost_nanos)::bigint
        FROM (SELECT unnest($2::timestamptz[]) AS from_day, unnest($3::timestamptz[]) AS to_day) w
        JOIN usage_day_customer d ON d.account_id = $1 AND d.customer_id = ANY ($4) AND d.day >= w.from_day AND d.day < w.to_day
        JOIN usage_day u ON u.account_id = $1 AND u.day = d.day AND u.customer_id = d.customer_id
        GROUP BY 1, 2, 3, 4, 5
        """)
    {
        Parameters = { new() { Value = account.Value }, Starts(queries), Ends(queries), Targets(queries) },
    };

    private static void ReadNarrowed(NpgsqlDataReader reader, CapSums sums)
    {
        var (from, to) = ReadRange(reader);
        var (customer, cost) = (reader.GetString(2), reader.GetInt64(5));
        sums.Add(new(CapType.Customer, customer, CapSubScope.Provider, reader.GetString(3)), from, to, cost);
        sums.Add(new(CapType.Customer, customer, CapSubScope.Model, reader.GetString(4)), from, to, cost);
    }

    private static NpgsqlParameter Starts(List<CapTotalQuery> queries) => Instants(Ranges(queries).Select(range => range.From));

    private static NpgsqlParameter Ends(List<CapTotalQuery> queries) => Instants(Ranges(queries).Select(range => range.To));

    private static NpgsqlParameter Targets(List<CapTotalQuery> queries) => new()
    {
        Value = queries.Select(query => query.Scope.Target).Distinct(StringComparer.Ordinal).ToArray(),
    };

    private static IEnumerable<TimeRange> Ranges(List<CapTotalQuery> queries) =>
        queries.Select(query => new TimeRange(query.From, query.To ?? DateTimeOffset.MaxValue)).Distinct();

    /// <summary>The greatest instant is written as infinity.</summary>
    private static NpgsqlParameter Instants(IEnumerable<DateTimeOffset> instants) => new()
    {
        Value = instants.Select(instant => instant.UtcDateTime).ToArray(),
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
    };

    private static (DateTimeOffset From, DateTimeOffset To) ReadRange(NpgsqlDataReader reader) =>
        (reader.GetFieldValue<DateTimeOffset>(0), reader.GetFieldValue<DateTimeOffset>(1));

    /// <summary>Sums by scope and range, also of scopes that nobody asked for.</summary>
    private sealed class CapSums
    {
        private readonly Dictionary<(CapScope Scope, DateTimeOffset From, DateTimeOffset To), long> _nanos = [];

        public void Add(CapScope scope, DateTimeOffset from, DateTimeOffset to, long nanos)
        {
            _nanos.TryGetValue((scope, from, to), out var sum);
            _nanos[(scope, from, to)] = checked(sum + nanos);
        }

        public Usd Of(CapTotalQuery query) =>
            new(_nanos.GetValueOrDefault((query.Scope, query.From, query.To ?? DateTimeOffset.MaxValue)));
    }
}
