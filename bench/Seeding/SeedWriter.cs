using LlmObserve.Storage.Ledger;
using Npgsql;

namespace LlmObserve.Bench.Seeding;

/// <summary>Writes one account's history: its events where wanted, every rollup, and the head, which agree to the last nano-dollar.</summary>
internal sealed class SeedWriter(NpgsqlDataSource db, SeedAccount account, DateTimeOffset now)
{
    /// <summary>Days for which customers are kept by hour; older rows a server would have deleted.</summary>
    private const int HourCustomerDays = 8;

    // The same history every time.
    private readonly Random _random = new(account.Id.GetHashCode() & 0xffff);
    private readonly Sums _all = new();

    private readonly Sums?[] _hour = new Sums?[CallMix.Pairs];
    private readonly Dictionary<int, Sums> _hourCustomer = [];
    private readonly Sums?[] _dayTotal = new Sums?[CallMix.Pairs];
    private readonly Sums?[] _dayCustomer = new Sums?[CallMix.Customers];
    private readonly Dictionary<int, Sums> _day = [];

    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var end = new DateTime(now.Year, now.Month, now.Day, now.Hour, 0, 0, DateTimeKind.Utc);
        var start = account.Days > 0 ? end.Date.AddDays(1 - account.Days) : LedgerWeek.Of(now).Previous.Start.UtcDateTime;
        var hours = (int)(end - start).TotalHours;

        await using var events = account.StoresEvents ? await EventCopy.BeginAsync(db, account.Id, _random, cancellationToken) : null;
        await using var byHour = await BeginAsync("usage_hour", "hour", false, true, cancellationToken);
        await using var byHourCustomer = await BeginAsync("usage_hour_customer", "hour", true, true, cancellationToken);
        await using var byDayTotal = await BeginAsync("usage_day_total", "day", false, true, cancellationToken);
        await using var byDayCustomer = await BeginAsync("usage_day_customer", "day", true, false, cancellationToken);
        await using var byDay = await BeginAsync("usage_day", "day", true, true, cancellationToken);
        await using var byDaySection = await RollupCopy.BeginAsync(db, "usage_day_section", "day", account.Id, false, true, true, cancellationToken);

        for (var i = 0; i < hours; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var hour = start.AddHours(i);
            var keepsCustomers = hour >= end.Date.AddDays(-HourCustomerDays);
            var calls = (account.Events * (i + 1) / hours) - (account.Events * i / hours);
            for (var call = 0; call < calls; call++)
            {
                Add(hour.AddTicks(TimeSpan.TicksPerHour * call / calls), keepsCustomers, events);
            }

            Flush(byHour, hour, _hour);
            Flush(byHourCustomer, hour, _hourCustomer);
            if (i == hours - 1 || hour.Hour == 23)
            {
                Write(byDaySection, hour.Date, _dayTotal);
                Flush(byDayTotal, hour.Date, _dayTotal);
                FlushCustomers(byDayCustomer, hour.Date);
                Flush(byDay, hour.Date, _day);
            }
        }

        await Task.WhenAll(((RollupCopy[])[byHour, byHourCustomer, byDayTotal, byDayCustomer, byDay, byDaySection]).Select(rows => rows.CompleteAsync(cancellationToken)));
        if (events is not null)
        {
            await events.CompleteAsync(cancellationToken);
        }

        await WriteHeadAsync(cancellationToken);
    }

    private void Add(DateTime at, bool keepsCustomers, EventCopy? events)
    {
        var customer = CallMix.NextCustomer(_random);
        var call = CallMix.NextCall(_random);
        var customerPair = (customer * CallMix.Pairs) + call.Pair;
        _all.Add(call);
        (_hour[call.Pair] ??= new()).Add(call);
        (_dayTotal[call.Pair] ??= new()).Add(call);
        (_dayCustomer[customer] ??= new()).Add(call);
        Of(_day, customerPair).Add(call);
        if (keepsCustomers)
        {
            Of(_hourCustomer, customerPair).Add(call);
        }

        events?.Write(at, customer, call);
    }

    private static Sums Of(Dictionary<int, Sums> all, int key)
    {
        if (!all.TryGetValue(key, out var sums))
        {
            all.Add(key, sums = new Sums());
        }

        return sums;
    }

    private static void Flush(RollupCopy rows, DateTime bucket, Sums?[] byPair)
    {
        Write(rows, bucket, byPair);
        Array.Clear(byPair);
    }

    private static void Write(RollupCopy rows, DateTime bucket, Sums?[] byPair)
    {
        for (var pair = 0; pair < byPair.Length; pair++)
        {
            if (byPair[pair] is { } sums)
            {
                rows.Write(bucket, 0, pair, sums);
            }
        }
    }

    private void FlushCustomers(RollupCopy rows, DateTime day)
    {
        for (var customer = 0; customer < _dayCustomer.Length; customer++)
        {
            if (_dayCustomer[customer] is { } sums)
            {
                rows.Write(day, customer, 0, sums);
            }
        }

        Array.Clear(_dayCustomer);
    }

    private static void Flush(RollupCopy rows, DateTime bucket, Dictionary<int, Sums> byCustomerPair)
    {
        foreach (var (key, sums) in byCustomerPair.OrderBy(entry => entry.Key))
        {
            rows.Write(bucket, key / CallMix.Pairs, key % CallMix.Pairs, sums);
        }

        byCustomerPair.Clear();
    }

    private Task<RollupCopy> BeginAsync(string table, string bucket, bool hasCustomer, bool hasPair, CancellationToken cancellationToken) =>
        RollupCopy.BeginAsync(db, table, bucket, account.Id, hasCustomer, hasPair, false, cancellationToken);

    private async Task WriteHeadAsync(CancellationToken cancellationToken)
    {
        await using var update = db.CreateCommand(
            "UPDATE ledger_heads SET last_seq = $2, total_calls = $2, total_cost_nanos = $3 WHERE account_id = $1");
        update.Parameters.Add(new() { Value = account.Id.Value });
        update.Parameters.Add(new() { Value = _all.Calls });
        update.Parameters.Add(new() { Value = _all.CostNanos });
        if (await update.ExecuteNonQueryAsync(cancellationToken) != 1)
        {
            throw new InvalidOperationException($"Account {account.Id} has no ledger head.");
        }
    }
}
