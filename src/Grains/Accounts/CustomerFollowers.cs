using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Customers;
using LlmObserve.Storage.Ledger;
using Microsoft.Extensions.Logging;
using Orleans;

namespace LlmObserve.Grains.Accounts;

/// <summary>
/// Sends commits to the grains of the customers that somebody looks at, after the ack: one delta in flight per customer, what comes
/// meanwhile is merged into the next.
/// </summary>
internal sealed partial class CustomerFollowers(AccountId account, IGrainFactory grains, ILogger log)
{
    private readonly Dictionary<string, Watch> _watches = new(StringComparer.Ordinal);

    internal void Clear() => _watches.Clear();

    /// <summary>Sends deltas of this customer from now on; answers the last sequence that touched it as far as this activation knows.</summary>
    internal long Add(string customerId, long seq)
    {
        if (!_watches.TryGetValue(customerId, out var watch))
        {
            _watches.Add(customerId, watch = new Watch(customerId) { SentSeq = seq, TouchedSeq = seq });
        }

        return watch.TouchedSeq;
    }

    internal void Remove(string customerId) => _watches.Remove(customerId);

    /// <summary>Notes the new rows of a commit and starts sending.</summary>
    internal void Apply(ReadOnlySpan<LedgerRow> rows, ReadOnlySpan<bool> inserted, long epoch, long seq)
    {
        if (_watches.Count == 0)
        {
            return;
        }

        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            if (inserted[i] && row.Event.CustomerId.Length > 0 && _watches.TryGetValue(row.Event.CustomerId, out var watch))
            {
                watch.Add(new CustomerAmount(row.Hour, row.Event.Model, new Spend(row.Event.Cost, 1)));
                watch.TouchedSeq = seq;
                if (!watch.Sending)
                {
                    watch.Sending = true;
                    _ = SendAsync(watch, epoch);
                }
            }
        }
    }

    private async Task SendAsync(Watch watch, long epoch)
    {
        // After the turn that commits: all rows of it are noted by then.
        await Task.Yield();
        while (watch.Waiting.Count > 0)
        {
            var delta = new CustomerDelta(epoch, watch.SentSeq, watch.TouchedSeq, watch.Take());
            watch.SentSeq = watch.TouchedSeq;
            try
            {
                await grains.GetGrain<ICustomerGrain>($"{account}/{watch.CustomerId}").ApplyAsync(delta);
            }
            catch (Exception e)
            {
                // Whatever kept it from arriving: the next delta leaves a gap, or the next read sees an older sequence, and it reloads.
                LogLost(log, e, account, watch.CustomerId);
            }
        }

        watch.Sending = false;
    }

    [LoggerMessage(11, LogLevel.Warning, "Account {Account}: customer {Customer} did not take a commit and reloads when it is next used")]
    private static partial void LogLost(ILogger logger, Exception error, AccountId account, string customer);

    private sealed class Watch(string customerId)
    {
        public string CustomerId { get; } = customerId;

        public Dictionary<(DateTimeOffset Hour, string Model), Spend> Waiting { get; } = [];

        public long SentSeq { get; set; }

        public long TouchedSeq { get; set; }

        public bool Sending { get; set; }

        public void Add(CustomerAmount amount)
        {
            var key = (amount.Hour, amount.Model);
            Waiting[key] = Waiting.GetValueOrDefault(key) + amount.Spend;
        }

        public ImmutableArray<CustomerAmount> Take()
        {
            var amounts = Waiting.Select(w => new CustomerAmount(w.Key.Hour, w.Key.Model, w.Value)).ToImmutableArray();
            Waiting.Clear();
            return amounts;
        }
    }
}
