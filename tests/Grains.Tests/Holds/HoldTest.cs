using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Testing;
using Npgsql;

namespace LlmObserve.Grains.Tests.Holds;

/// <summary>The words in which tests speak of holds.</summary>
public abstract class HoldTest(PostgresFixture postgres) : GrainTest(postgres)
{
    /// <summary>Only so that a test that fails ends.</summary>
    private static readonly TimeSpan LongerThanAnyAnswer = TimeSpan.FromMinutes(1);

    internal static readonly CapScope Everything = new(CapType.Global, "");

    internal static HoldRequest Request(
        string amount,
        CallLabels? labels = null,
        TimeSpan? time = null,
        HoldId? id = null,
        string? key = null,
        string? digest = null,
        bool unpriced = false,
        bool dryRun = false) => new()
        {
            Id = id ?? HoldId.New(),
            Labels = labels ?? Labels(),
            Amount = Usd.Parse(amount),
            Time = time ?? HoldLimits.DefaultTime,
            IdempotencyKey = key,
            Digest = digest,
            Unpriced = unpriced,
            DryRun = dryRun,
        };

    internal Task<HoldAnswer> HoldAsync(AccountId account, HoldRequest request, GrainHost? host = null) =>
        (host ?? Host).HoldAsync(account, request);

    internal async Task<HoldAnswerKind> KindAsync(AccountId account, string amount, CallLabels? labels = null, GrainHost? host = null) =>
        (await HoldAsync(account, Request(amount, labels), host)).Kind;

    internal async Task<HoldState> GrantAsync(
        AccountId account, string amount, CallLabels? labels = null, TimeSpan? time = null, GrainHost? host = null, string? key = null)
    {
        var answer = await HoldAsync(account, Request(amount, labels, time, key: key, digest: key is null ? null : "digest"), host);
        Assert.Equal(HoldAnswerKind.Granted, answer.Kind);
        Assert.Equal(HoldStatus.Open, answer.Hold!.Status);
        return answer.Hold;
    }

    internal async Task<HoldState> StateAsync(AccountId account, HoldState hold, GrainHost? host = null) =>
        (await (host ?? Host).Account(account).GetHoldAsync(hold.Id))!;

    internal async Task<CapState> CapAsync(AccountId account, CapState cap, GrainHost? host = null) =>
        (await (host ?? Host).Account(account).GetCapAsync(cap.Cap.Id))!;

    internal async Task<Usd> HeldAsync(AccountId account, CapState cap, GrainHost? host = null) => (await CapAsync(account, cap, host)).Held;

    /// <summary>Spent and held.</summary>
    internal async Task<(Usd Spent, Usd Held)> StandingAsync(AccountId account, CapState cap, GrainHost? host = null)
    {
        var state = await CapAsync(account, cap, host);
        return (state.Spent, state.Held);
    }

    /// <summary>The event of a call that was held for.</summary>
    internal LedgerEvent EventOf(
        HoldState hold, string cost, string? id = null, string? customer = null, DateTimeOffset? at = null) =>
        Event(id, cost, customer ?? hold.Labels.CustomerId, hold.Labels.Provider, hold.Labels.Model, hold.Labels.Agent, at) with { HoldId = hold.Id.ToString() };

    internal async Task<RecordResult> SettleAsync(AccountId account, HoldState hold, string cost, GrainHost? host = null)
    {
        var result = await (host ?? Host).RecordAsync(account, [EventOf(hold, cost)]);
        Assert.Equal((RecordOutcome.Recorded, 1), (result.Outcome, result.Created));
        return result;
    }

    internal async Task<CapState> ChangeAsync(AccountId account, CapState cap, CapChange change, GrainHost? host = null)
    {
        var answer = await (host ?? Host).Account(account).ChangeCapAsync(cap.Cap.Id, change);
        Assert.Equal(CapAnswerKind.Done, answer.Kind);
        return answer.State!;
    }

    /// <summary>The ceilings in the database, of all activations.</summary>
    internal async Task<IReadOnlyList<CeilingRow>> CeilingsAsync(AccountId account)
    {
        await using var database = NpgsqlDataSource.Create(ConnectionString);
        await using var command = database.CreateCommand(
            $"SELECT cap_id, activation, amount_nanos, until FROM cap_ceilings WHERE account_id = '{account}' ORDER BY until, amount_nanos");
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<CeilingRow>();
        while (await reader.ReadAsync())
        {
            rows.Add(new CeilingRow(
                new CapId(reader.GetGuid(0)), reader.GetGuid(1), new Usd(reader.GetInt64(2)), reader.GetFieldValue<DateTimeOffset>(3)));
        }

        return rows;
    }

    internal async Task<object?> AskAsync(string sql)
    {
        await using var database = NpgsqlDataSource.Create(ConnectionString);
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>
    /// Ends when a statement waits for a lock that the test has: what the test sent before has come that far. On a cluster two calls may reach
    /// a grain in either order until then.
    /// </summary>
    internal async Task AwaitLockWaiterAsync()
    {
        using var end = new CancellationTokenSource(LongerThanAnyAnswer);
        while ((long)(await AskAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"))! == 0)
        {
            end.Token.ThrowIfCancellationRequested();
        }
    }

    internal async Task<long> OpenHoldRowsAsync(AccountId account) =>
        (long)(await AskAsync($"SELECT count(*) FROM open_holds WHERE account_id = '{account}'"))!;

    /// <summary>Lets time pass until what the account does by itself has been done.</summary>
    internal async Task PassUntilAsync(Func<Task<bool>> done)
    {
        using var end = new CancellationTokenSource(LongerThanAnyAnswer);
        while (!await done())
        {
            end.Token.ThrowIfCancellationRequested();
            Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    internal static Measurements Measure(GrainHost host) => new([.. host.Engine.Meters]);

    internal sealed record CeilingRow(CapId Cap, Guid Activation, Usd Amount, DateTimeOffset Until);
}
