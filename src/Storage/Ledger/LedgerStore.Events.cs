using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.RowSecurity;
using Npgsql;

namespace LlmObserve.Storage.Ledger;

/// <summary>Sums straight from the events.</summary>
public sealed partial class LedgerStore
{
    /// <summary>
    /// What a scope spent, added up from the events themselves: slow, independent of every rollup, and therefore what rollups and caps are
    /// checked against. It sees what retention has kept.
    /// </summary>
    /// <param name="account">The account.</param>
    /// <param name="scope">Which calls count.</param>
    /// <param name="range">When they ended; any two instants.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public async Task<(Usd Cost, long Calls)> SumFromEventsAsync(
        AccountId account, CapScope scope, TimeRange range, CancellationToken cancellationToken)
    {
        var condition = scope switch
        {
            { Type: CapType.Global } => "true",
            { Type: CapType.Provider } => "provider = $4",
            { Type: CapType.Model } => "model = $4",
            { Type: CapType.Agent } => "agent = $4",
            { Type: CapType.Customer, SubScope: CapSubScope.None } => "customer_id = $4",
            { Type: CapType.Customer, SubScope: CapSubScope.Provider } => "customer_id = $4 AND provider = $5",
            { Type: CapType.Customer, SubScope: CapSubScope.Model } => "customer_id = $4 AND model = $5",
            _ => throw new ArgumentOutOfRangeException(nameof(scope), scope, null),
        };
        await using var read = new AccountRead(db, account);
        var parameters = read.Add(
            $"""
            SELECT coalesce(sum(cost_nanos), 0)::bigint, count(*)
            FROM events
            WHERE account_id = $1 AND occurred_at >= $2 AND occurred_at < $3 AND {condition}
            """);
        parameters.Add(new() { Value = account.Value });
        parameters.Add(Parameters.Instant(range.From));
        parameters.Add(Parameters.Instant(range.To));
        if (scope.Type != CapType.Global)
        {
            parameters.Add(new() { Value = scope.Target });
        }

        if (scope.SubScope != CapSubScope.None)
        {
            parameters.Add(new() { Value = scope.SubTarget });
        }

        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (new Usd(reader.GetInt64(0)), reader.GetInt64(1));
    }
}
