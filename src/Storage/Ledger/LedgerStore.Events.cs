using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
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
        await using var command = db.CreateCommand(
            $"""
            SELECT coalesce(sum(cost_nanos), 0)::bigint, count(*)
            FROM events
            WHERE account_id = $1 AND occurred_at >= $2 AND occurred_at < $3 AND {condition}
            """);
        command.Parameters.Add(new() { Value = account.Value });
        command.Parameters.Add(Parameters.Instant(range.From));
        command.Parameters.Add(Parameters.Instant(range.To));
        if (scope.Type != CapType.Global)
        {
            command.Parameters.Add(new() { Value = scope.Target });
        }

        if (scope.SubScope != CapSubScope.None)
        {
            command.Parameters.Add(new() { Value = scope.SubTarget });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (new Usd(reader.GetInt64(0)), reader.GetInt64(1));
    }
}
