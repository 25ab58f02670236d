using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Money;
using Npgsql;

namespace LlmObserve.Storage.Ledger;

/// <summary>Totals of an account and of its customers.</summary>
public sealed partial class LedgerStore
{
    /// <summary>How many columns <see cref="Sums"/> has.</summary>
    private const int SumColumns = 10;

    /// <summary>Totals of one customer over the given periods and after them, and of the month by model.</summary>
    public Task<LoadedCustomer> LoadCustomerAsync(
        AccountId account, string customerId, CurrentPeriods periods, CancellationToken cancellationToken) => ReadSnapshotAsync(
            account,
            [
                new($"""
                    SELECT w.no, {Sums("u")}
                    FROM (SELECT unnest($2::timestamptz[]) AS from_day, unnest($3::timestamptz[]) AS to_day, generate_subscripts($2::timestamptz[], 1) AS no) w
                    JOIN usage_day_customer u ON u.account_id = $1 AND u.customer_id = $4 AND u.day >= w.from_day AND u.day < w.to_day
                    GROUP BY w.no
                    """)
                {
                    Parameters = { new() { Value = account.Value }, Starts(periods), Ends(periods), new() { Value = customerId } },
                },
                new($"""
                    SELECT u.day >= $4, u.provider, u.model, '', {Sums("u")}
                    FROM usage_day_customer d
                    JOIN usage_day u ON u.account_id = d.account_id AND u.day = d.day AND u.customer_id = d.customer_id
                    WHERE d.account_id = $1 AND d.customer_id = $2 AND d.day >= $3
                    GROUP BY 1, 2, 3
                    """)
                {
                    Parameters =
                    {
                        new() { Value = account.Value }, new() { Value = customerId }, Parameters.Instant(periods.Month.From), Parameters.Instant(periods.Month.To),
                    },
                },
            ],
            async (head, reader) =>
            {
                var (current, ahead) = await ReadPeriodsAsync(reader, cancellationToken);
                return new LoadedCustomer(head, current, ahead, [.. await ReadCallsAsync(reader, cancellationToken)]);
            },
            cancellationToken);

    /// <summary>
    /// Totals of an account over the given periods and after them, and of the month by provider, model and agent; and what its days count
    /// sections by.
    /// </summary>
    public Task<LoadedAccount> LoadAccountAsync(AccountId account, CurrentPeriods periods, CancellationToken cancellationToken) => ReadSnapshotAsync(
        account,
        [
            new($"""
                SELECT w.no, {Sums("u")}
                FROM (SELECT unnest($2::timestamptz[]) AS from_day, unnest($3::timestamptz[]) AS to_day, generate_subscripts($2::timestamptz[], 1) AS no) w
                JOIN usage_day_total u ON u.account_id = $1 AND u.day >= w.from_day AND u.day < w.to_day
                GROUP BY w.no
                """)
            {
                Parameters = { new() { Value = account.Value }, Starts(periods), Ends(periods) },
            },
            new($"""
                SELECT u.day >= $3, u.provider, u.model, u.agent, {Sums("u")}
                FROM usage_day_total u
                WHERE u.account_id = $1 AND u.day >= $2
                GROUP BY 1, 2, 3, 4
                """)
            {
                Parameters = { new() { Value = account.Value }, Parameters.Instant(periods.Month.From), Parameters.Instant(periods.Month.To) },
            },
            new($"SELECT DISTINCT day, section_path FROM {Rollup.DaySection.Table} WHERE account_id = $1 AND day >= $2")
            {
                Parameters = { new() { Value = account.Value }, Parameters.Instant(periods.Day.From - LedgerRetention.HourCustomer) },
            },
        ],
        async (head, reader) =>
        {
            var (current, ahead) = await ReadPeriodsAsync(reader, cancellationToken);
            return new LoadedAccount(head, current, ahead, [.. await ReadCallsAsync(reader, cancellationToken)])
            {
                Sections = [.. await ReadSectionsAsync(reader, cancellationToken)],
            };
        },
        cancellationToken);

    private static string Sums(string table) => string.Join(
        ", ",
        Rollup.Measures.Take(SumColumns).Select(measure => $"sum({table}.{measure.Name})::bigint"));

    /// <summary>The beginnings of the periods, and of what is after each.</summary>
    private static NpgsqlParameter Starts(CurrentPeriods periods) => Instants(
        [periods.Day.From, periods.Week.From, periods.Month.From, periods.Day.To, periods.Week.To, periods.Month.To]);

    /// <summary>The ends to <see cref="Starts"/>.</summary>
    private static NpgsqlParameter Ends(CurrentPeriods periods) => Instants(
        [periods.Day.To, periods.Week.To, periods.Month.To, DateTimeOffset.MaxValue, DateTimeOffset.MaxValue, DateTimeOffset.MaxValue]);

    private static async Task<(PeriodTotals Current, PeriodTotals Ahead)> ReadPeriodsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var totals = new UsageTotals[6];
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            totals[reader.GetInt32(0) - 1] = ReadTotals(reader, 1);
        }

        return (new(totals[0], totals[1], totals[2]), new(totals[3], totals[4], totals[5]));
    }

    private static async Task<List<CallTotals>> ReadCallsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        List<CallTotals> calls = [];
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            calls.Add(new(reader.GetBoolean(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), ReadTotals(reader, 4)));
        }

        return calls;
    }

    private static async Task<List<DaySection>> ReadSectionsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        List<DaySection> sections = [];
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            sections.Add(new(reader.GetFieldValue<DateTimeOffset>(0), reader.GetString(1)));
        }

        return sections;
    }

    /// <summary>Reads what <see cref="Sums"/> selects, in the order of <see cref="Rollup.Measures"/>.</summary>
    private static UsageTotals ReadTotals(NpgsqlDataReader reader, int at) => new(
        reader.GetInt64(at),
        reader.GetInt64(at + 1),
        reader.GetInt64(at + 2),
        reader.GetInt64(at + 3),
        reader.GetInt64(at + 4),
        reader.GetInt64(at + 5),
        reader.GetInt64(at + 6),
        reader.GetInt64(at + 7),
        new Usd(reader.GetInt64(at + 8)),
        reader.GetInt64(at + 9));
}
