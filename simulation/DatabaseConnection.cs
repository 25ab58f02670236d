using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;
using LlmObserve.Grains.Accounts;
using LlmObserve.Simulation.Engine;
using LlmObserve.Storage.Accounts;
using LlmObserve.Storage.Holds;
using LlmObserve.Storage.Ledger;
using Npgsql;

namespace LlmObserve.Simulation;

/// <summary>How one activation reaches the database: every statement is a message that may be late, refused, or done and not answered.</summary>
internal sealed class DatabaseConnection(Node node, Network network, Database database) : IAccountDatabase
{
    private long _revision;

    public Task<LedgerHead> TakeEpochAsync(AccountId account, CancellationToken cancellationToken) => AskAsync("take epoch", database.TakeEpoch);

    public Task<AccountRow?> GetAccountAsync(AccountId account, CancellationToken cancellationToken) => AskAsync<AccountRow?>(
        "settings", () => new AccountRow(account, "simulated", "UTC", database.UnpricedPolicy, database.MaxHoldShare, default));

    public Task<LoadedAccount> LoadAccountAsync(AccountId account, CurrentPeriods periods, CancellationToken cancellationToken) => AskAsync(
        "account totals",
        () => new LoadedAccount(
            database.Head,
            new PeriodTotals(Totals(periods.Day.From, periods.Day.To), Totals(periods.Week.From, periods.Week.To), Totals(periods.Month.From, periods.Month.To)),
            new PeriodTotals(Totals(periods.Day.To, null), Totals(periods.Week.To, null), Totals(periods.Month.To, null)),
            []));

    public Task<IReadOnlyList<Cap>> ListCapsAsync(AccountId account, CancellationToken cancellationToken) =>
        AskAsync<IReadOnlyList<Cap>>("caps", () => [.. database.Caps.Values.OrderBy(cap => cap.CreatedAt).ThenBy(cap => cap.Id.Value)]);

    public Task<LoadedCapTotals> LoadCapTotalsAsync(AccountId account, IReadOnlyList<CapTotalQuery> queries, CancellationToken cancellationToken) =>
        AskAsync("cap totals", () => new LoadedCapTotals(
            database.Head, [.. queries.Select(query => database.Sum(query.Scope, query.From, query.To))]));

    public Task<IReadOnlyDictionary<(CapId Cap, DateTimeOffset PeriodStart), DateTimeOffset>> ListExceededAsync(
        AccountId account, CapId? only, DateTimeOffset now, CancellationToken cancellationToken) =>
        AskAsync<IReadOnlyDictionary<(CapId, DateTimeOffset), DateTimeOffset>>("exceeded", () => new Dictionary<(CapId, DateTimeOffset), DateTimeOffset>());

    public Task<AppendResult> AppendAsync(LedgerAppend append, CancellationToken cancellationToken) => network.SendAsync(
        node,
        $"append {string.Join(' ', append.Rows.Select(row => row.Event.Id))} (epoch {append.Epoch}, after {append.ExpectedSeq})",
        () => database.Append(append),
        refused => new AppendResult(refused ? AppendOutcome.Rejected : AppendOutcome.Unknown, 0, [], new NpgsqlException("simulated")));

    public Task<bool> InsertCapAsync(Cap cap, long epoch, AuditEntry? audit, CancellationToken cancellationToken) =>
        AskAsync("insert cap", () => database.Write(epoch, () => database.Caps.Add(cap.Id, cap)));

    public Task<bool> UpdateCapAsync(Cap cap, long epoch, AuditEntry? audit, CancellationToken cancellationToken) =>
        AskAsync("update cap", () => database.Caps.ContainsKey(cap.Id) && database.Write(epoch, () => database.Caps[cap.Id] = cap));

    public Task<bool> DeleteCapAsync(AccountId account, CapId cap, long epoch, AuditEntry? audit, CancellationToken cancellationToken) =>
        AskAsync("delete cap", () => database.DeleteCap(epoch, cap));

    public Task<bool> ChangeZoneAsync(
        AccountId account, long epoch, long expectedSeq, AccountZone from, AccountZone to, DateTimeOffset now, AuditEntry? audit, CancellationToken cancellationToken) =>
        throw new NotSupportedException("zones are tested on the real database");

    public Task<bool> UpdateCheckSettingsAsync(
        AccountId account, long epoch, string unpricedPolicy, decimal maxHoldShare, DateTimeOffset now, AuditEntry? audit, CancellationToken cancellationToken) =>
        AskAsync("change settings", () => database.Write(epoch, () => (database.UnpricedPolicy, database.MaxHoldShare) = (unpricedPolicy, maxHoldShare)));

    public Task<LoadedHolds> LoadHoldsAsync(AccountId account, Guid activation, DateTimeOffset now, CancellationToken cancellationToken) =>
        AskAsync("holds", () => database.LoadHolds(activation, now));

    public Task<IReadOnlyList<StoredOverrun>> LoadOverrunsAsync(AccountId account, DateTimeOffset since, CancellationToken cancellationToken) =>
        AskAsync("overruns", () => database.Overruns(since));

    public Task<bool> WriteCeilingsAsync(
        AccountId account, long epoch, Guid activation, IReadOnlyCollection<CapCeiling> ceilings, DateTimeOffset now, CancellationToken cancellationToken) =>
        AskCeilingsAsync($"ceilings {string.Join(' ', ceilings.Select(ceiling => $"{ceiling.Amount} until {ceiling.Until:T}"))} (epoch {epoch})", revision => database.WriteCeilings(epoch, activation, ceilings, now, revision));

    public Task<bool> AdoptHoldsAsync(
        AccountId account, long epoch, Guid activation, IReadOnlyCollection<CapCeiling> ceilings, CancellationToken cancellationToken) =>
        AskCeilingsAsync("adopt holds", revision => database.AdoptHolds(epoch, activation, ceilings, revision));

    public Task<bool> StoreHoldsAsync(
        AccountId account, long epoch, Guid activation, IReadOnlyCollection<StoredHold> holds, CancellationToken cancellationToken) =>
        AskAsync($"leave {holds.Count} holds (epoch {epoch})", () => database.StoreHolds(epoch, activation, holds));

    /// <summary>Ceilings carry the order in which they were sent: one that was given up may come after a later one.</summary>
    private Task<bool> AskCeilingsAsync(string name, Func<long, bool> write)
    {
        var revision = ++_revision;
        return AskAsync(name, () => write(revision));
    }

    private Task<T> AskAsync<T>(string name, Func<T> execute) =>
        network.SendAsync(node, name, execute, _ => throw new NpgsqlException("simulated"));

    private UsageTotals Totals(DateTimeOffset from, DateTimeOffset? to)
    {
        var rows = database.Rows.Where(row => row.Hour >= from && (to is null || row.Hour < to)).ToList();
        return new UsageTotals { Calls = rows.Count, Cost = Usd.Sum(rows.Select(row => row.Event.Cost)) };
    }
}
