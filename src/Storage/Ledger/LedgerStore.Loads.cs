using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using Npgsql;
using NpgsqlTypes;

namespace LlmObserve.Storage.Ledger;

/// <summary>The loads. Periods begin at days, so all of them read rollups by day: a month is a few thousand rows however many events it had.</summary>
public sealed partial class LedgerStore
{
    /// <summary>
    /// What each query's scope spent, in the order of the queries, with the head of the same snapshot. The number of statements does not
    /// depend on the number of queries.
    /// </summary>
    public async Task<(LedgerHead Head, Usd[] Totals)> LoadCapTotalsAsync(
        AccountId account,
        IReadOnlyList<CapTotalQuery> queries,
        CancellationToken cancellationToken)
    {
        await using var snapshot = await SnapshotAsync(cancellationToken);
        var head = await snapshot.HeadAsync(account, cancellationToken);
        var totals = new Usd[queries.Count];
        foreach (var group in queries.Select(static (query, at) => (Query: query, At: at)).GroupBy(static q => TotalSql(q.Query.Scope)))
        {
            var members = group.ToArray();
            await using var command = snapshot.Command(group.Key, account);
            command.Parameters.Add(new() { Value = Array.ConvertAll(members, static q => q.At) });
            command.Parameters.Add(new() { Value = Array.ConvertAll(members, static q => q.Query.Scope.Target) });
            command.Parameters.Add(new() { Value = Array.ConvertAll(members, static q => q.Query.Scope.SubTarget) });
            command.Parameters.Add(Instants(members.Select(static q => q.Query.From)));
            command.Parameters.Add(Instants(members.Select(static q => q.Query.To ?? DateTimeOffset.MaxValue)));
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                totals[reader.GetInt32(0)] = new Usd(reader.GetInt64(1));
            }
        }

        return (head, totals);
    }

    /// <summary>An account's running day, week and month, each from the given beginning on, and the month by provider, model and agent.</summary>
    public async Task<AccountLoad> LoadAccountAsync(
        AccountId account,
        DateTimeOffset dayStart,
        DateTimeOffset weekStart,
        DateTimeOffset monthStart,
        CancellationToken cancellationToken)
    {
        await using var snapshot = await SnapshotAsync(cancellationToken);
        var head = await snapshot.HeadAsync(account, cancellationToken);
        await using var command = snapshot.Command(
            $"""
            SELECT provider, model, agent,
                   {Sums("day >= $2")}, {Sums("day >= $3")}, {Sums("day >= $4")}
            FROM usage_day_total WHERE account_id = $1 AND day >= least($3, $4) GROUP BY 1, 2, 3
            """,
            account);
        command.Parameters.Add(new() { Value = dayStart });
        command.Parameters.Add(new() { Value = weekStart });
        command.Parameters.Add(new() { Value = monthStart });
        var (day, week, month) = (default(LedgerTotal), default(LedgerTotal), default(LedgerTotal));
        var groups = Enumerable.Range(0, 3).Select(static _ => new Dictionary<string, LedgerTotal>(StringComparer.Ordinal)).ToArray();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            day = Sum(day, TotalAt(reader, 3));
            week = Sum(week, TotalAt(reader, 5));
            var ofMonth = TotalAt(reader, 7);
            month = Sum(month, ofMonth);
            for (var i = 0; i < groups.Length; i++)
            {
                var name = reader.GetString(i);
                if (name.Length > 0 && ofMonth.Calls > 0)
                {
                    groups[i][name] = Sum(groups[i].GetValueOrDefault(name), ofMonth);
                }
            }
        }

        return new AccountLoad(head, day, week, month, groups[0], groups[1], groups[2]);
    }

    /// <summary>A customer's running day, week and month, each from the given beginning on, and the month by model.</summary>
    public async Task<CustomerLoad> LoadCustomerAsync(
        AccountId account,
        string customerId,
        DateTimeOffset dayStart,
        DateTimeOffset weekStart,
        DateTimeOffset monthStart,
        CancellationToken cancellationToken)
    {
        await using var snapshot = await SnapshotAsync(cancellationToken);
        var head = await snapshot.HeadAsync(account, cancellationToken);

        // The days on which the customer has anything come from its own index, so that each is one probe into the wider rollup.
        await using var command = snapshot.Command(
            $"""
            SELECT u.model, {Sums("u.day >= $3", "u.")}, {Sums("u.day >= $4", "u.")}, {Sums("u.day >= $5", "u.")}
            FROM usage_day_customer d JOIN usage_day u USING (account_id, day, customer_id)
            WHERE d.account_id = $1 AND d.customer_id = $2 AND d.day >= least($4, $5) GROUP BY 1
            """,
            account);
        command.Parameters.Add(new() { Value = customerId });
        command.Parameters.Add(new() { Value = dayStart });
        command.Parameters.Add(new() { Value = weekStart });
        command.Parameters.Add(new() { Value = monthStart });
        var (day, week, month) = (default(LedgerTotal), default(LedgerTotal), default(LedgerTotal));
        var byModel = new Dictionary<string, LedgerTotal>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            day = Sum(day, TotalAt(reader, 1));
            week = Sum(week, TotalAt(reader, 3));
            var ofMonth = TotalAt(reader, 5);
            month = Sum(month, ofMonth);
            if (reader.GetString(0) is { Length: > 0 } model && ofMonth.Calls > 0)
            {
                byModel[model] = ofMonth;
            }
        }

        return new CustomerLoad(head, day, week, month, byModel);
    }

    /// <summary>The statement that sums all queries of a scope's kind at once, from the narrowest rollup that has its labels.</summary>
    private static string TotalSql(CapScope scope)
    {
        var (table, match) = (scope.Type, scope.SubScope) switch
        {
            (CapType.Global, _) => ("usage_day_total", "true"),
            (CapType.Provider, _) => ("usage_day_total", "u.provider = q.target"),
            (CapType.Model, _) => ("usage_day_total", "u.model = q.target"),
            (CapType.Agent, _) => ("usage_day_total", "u.agent = q.target"),
            (CapType.Customer, CapSubScope.None) => ("usage_day_customer", "u.customer_id = q.target"),
            (CapType.Customer, CapSubScope.Provider) => ("usage_day", "u.customer_id = q.target AND u.provider = q.sub_target"),
            (CapType.Customer, CapSubScope.Model) => ("usage_day", "u.customer_id = q.target AND u.model = q.sub_target"),
            _ => throw new ArgumentOutOfRangeException(nameof(scope), scope, null),
        };
        return $"""
            WITH q AS MATERIALIZED (
              SELECT * FROM unnest($2::int[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[])
                            AS q (at, target, sub_target, since, until)),
            span AS MATERIALIZED (SELECT min(since) AS since, max(until) AS until FROM q),
            u AS MATERIALIZED (
              SELECT day, {Labels(table)}, sum(cost_nanos) AS cost_nanos FROM {table}
              WHERE account_id = $1 AND day >= (SELECT since FROM span) AND day < (SELECT until FROM span) AND {Wanted(scope)}
              GROUP BY day, {Labels(table)})
            SELECT q.at, sum(u.cost_nanos)::bigint FROM q JOIN u ON u.day >= q.since AND u.day < q.until AND {match} GROUP BY q.at
            """;
    }

    private static string Labels(string table) => table switch
    {
        "usage_day_total" => "provider, model, agent",
        "usage_day_customer" => "customer_id",
        _ => "customer_id, provider, model",
    };

    /// <summary>Only what some query asks for.</summary>
    private static string Wanted(CapScope scope) => scope.Type switch
    {
        CapType.Global => "true",
        CapType.Provider => "provider = ANY ($3)",
        CapType.Model => "model = ANY ($3)",
        CapType.Agent => "agent = ANY ($3)",
        _ => "customer_id = ANY ($3)",
    };

    private static string Sums(string when, string of = "") =>
        $"coalesce(sum({of}cost_nanos) FILTER (WHERE {when}), 0)::bigint, coalesce(sum({of}calls) FILTER (WHERE {when}), 0)::bigint";

    private static LedgerTotal TotalAt(NpgsqlDataReader reader, int column) =>
        new(new Usd(reader.GetInt64(column)), reader.GetInt64(column + 1));

    private static LedgerTotal Sum(LedgerTotal a, LedgerTotal b) => new(a.Cost + b.Cost, checked(a.Calls + b.Calls));

    private static NpgsqlParameter Instants(IEnumerable<DateTimeOffset> instants) => new()
    {
        Value = instants.ToArray(),
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
    };
}
