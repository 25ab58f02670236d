using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.RowSecurity;
using Npgsql;
using NpgsqlTypes;

namespace LlmObserve.Storage.Caps;

/// <summary>What was spent in a bucket of a rollup.</summary>
/// <param name="Start">Its first instant.</param>
/// <param name="Spent">In it.</param>
public readonly record struct SpentFrom(DateTimeOffset Start, Usd Spent);

/// <summary>What was spent in a cap's scope by day and by hour, from the rollups alone: the same days that its total is loaded from.</summary>
public sealed class CapSpendStore(NpgsqlDataSource database)
{
    /// <summary>How far back there are hours of customers. They are kept a little longer, which leaves the clean-up room.</summary>
    public static readonly TimeSpan CustomerHours = LedgerRetention.HourCustomer - TimeSpan.FromHours(1);

    /// <summary>Days that begin in a stretch of time and have spend, in order.</summary>
    public async Task<IReadOnlyList<SpentFrom>> ByDayAsync(
        AccountId account, CapScope scope, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        await using var read = new AccountRead(database, account);

        // R2 says on which days a customer called at all: R3 is entered there only.
        var (table, found) = scope switch
        {
            { Type: not CapType.Customer } => ("usage_day_total", ""),
            { SubScope: CapSubScope.None } => ("usage_day_customer", ""),
            _ => ("usage_day", "AND u.day IN (SELECT day FROM usage_day_customer WHERE account_id = $1 AND customer_id = $4 AND day >= $2 AND day < $3)"),
        };
        var parameters = read.Add(
            $"SELECT u.day, sum(u.cost_nanos)::bigint FROM {table} u WHERE u.account_id = $1 AND u.day >= $2 AND u.day < $3 {found} {Of(scope)} GROUP BY 1 ORDER BY 1");
        parameters.Add(new() { Value = account.Value });
        parameters.Add(Parameters.Instant(from));
        parameters.Add(Parameters.Instant(to));
        AddNames(parameters, scope);
        return await ReadAsync(read, cancellationToken);
    }

    /// <summary>Hours of some days that have spend, in order.</summary>
    public async Task<IReadOnlyList<SpentFrom>> ByHourAsync(
        AccountId account, CapScope scope, IReadOnlyCollection<(DateTimeOffset From, DateTimeOffset To)> days, CancellationToken cancellationToken)
    {
        await using var read = new AccountRead(database, account);

        // A customer's rows are few among those of all: one look for each hour that has any. OFFSET 0 keeps the planner from joining otherwise.
        var hours = scope.Type != CapType.Customer
            ? $"usage_hour u ON u.account_id = $1 AND u.hour >= d.from_hour AND u.hour < d.to_hour {Of(scope)}"
            : $"""
              LATERAL (SELECT DISTINCT hour FROM usage_hour WHERE account_id = $1 AND hour >= d.from_hour AND hour < d.to_hour OFFSET 0) h ON true
              JOIN LATERAL (SELECT * FROM usage_hour_customer u WHERE u.account_id = $1 AND u.hour = h.hour {Of(scope)} OFFSET 0) u ON true
              """;
        var parameters = read.Add(
            $"""
            SELECT u.hour, sum(u.cost_nanos)::bigint FROM unnest($2::timestamptz[], $3::timestamptz[]) AS d (from_hour, to_hour) JOIN {hours}
            GROUP BY 1 ORDER BY 1
            """);
        parameters.Add(new() { Value = account.Value });
        parameters.Add(Instants(days.Select(day => day.From)));
        parameters.Add(Instants(days.Select(day => day.To)));
        AddNames(parameters, scope);
        return await ReadAsync(read, cancellationToken);
    }

    private static string Of(CapScope scope) => scope.Type switch
    {
        CapType.Global => "",
        CapType.Provider => "AND u.provider = $4",
        CapType.Model => "AND u.model = $4",
        CapType.Agent => "AND u.agent = $4",
        CapType.Customer => "AND u.customer_id = $4" + scope.SubScope switch
        {
            CapSubScope.Provider => " AND u.provider = $5",
            CapSubScope.Model => " AND u.model = $5",
            _ => "",
        },
        _ => throw new ArgumentOutOfRangeException(nameof(scope), scope, null),
    };

    private static void AddNames(NpgsqlParameterCollection parameters, CapScope scope)
    {
        if (scope.Type != CapType.Global)
        {
            parameters.Add(Parameters.Text(scope.Target));
        }

        if (scope.SubScope != CapSubScope.None)
        {
            parameters.Add(Parameters.Text(scope.SubTarget));
        }
    }

    private static NpgsqlParameter Instants(IEnumerable<DateTimeOffset> instants) => new()
    {
        Value = instants.Select(instant => instant.UtcDateTime).ToArray(),
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
    };

    private static async Task<IReadOnlyList<SpentFrom>> ReadAsync(AccountRead read, CancellationToken cancellationToken)
    {
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        List<SpentFrom> spent = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            spent.Add(new SpentFrom(reader.GetFieldValue<DateTimeOffset>(0), new Usd(reader.GetInt64(1))));
        }

        return spent;
    }
}
