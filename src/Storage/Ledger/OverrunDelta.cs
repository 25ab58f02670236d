using System.Collections.Immutable;
using Column = LlmObserve.Storage.Ledger.ArrayColumns<LlmObserve.Storage.Ledger.OverrunDelta>;

namespace LlmObserve.Storage.Ledger;

/// <summary>What one commit adds to a row of <c>cap_overruns</c>.</summary>
/// <param name="Account">Ordinal of the account in its commit, from 1.</param>
/// <param name="PeriodTicks">UTC ticks at which the cap's period begins.</param>
/// <param name="Cap">The cap.</param>
/// <param name="Calls">Calls that cost more than was held.</param>
/// <param name="Nanos">How much more, in nano-dollars.</param>
internal readonly record struct OverrunDelta(int Account, long PeriodTicks, Guid Cap, long Calls, long Nanos)
{
    /// <summary>After the account's ordinal.</summary>
    public static readonly ImmutableArray<ArrayColumn<OverrunDelta>> Columns =
    [
        Column.Instant("period_start", d => new DateTimeOffset(d.PeriodTicks, TimeSpan.Zero)),
        Column.Uuid("cap_id", d => d.Cap),
        Column.Bigint("calls", d => d.Calls),
        Column.Bigint("overrun_nanos", d => d.Nanos),
    ];

    /// <summary>
    /// The sums of what the events' holds lacked, in the order of the primary key. Throws <see cref="OverflowException"/> beyond the range of money.
    /// </summary>
    /// <param name="holds">For each row, what its event did to its hold.</param>
    /// <param name="accounts">For each row, the ordinal of its account, from 1.</param>
    public static OverrunDelta[] Of(ReadOnlySpan<SettledHold?> holds, ReadOnlySpan<int> accounts)
    {
        Dictionary<(int Account, long PeriodTicks, Guid Cap), (long Calls, long Nanos)>? sums = null;
        for (var i = 0; i < holds.Length; i++)
        {
            if (holds[i] is not { Overruns: { IsDefaultOrEmpty: false } overruns })
            {
                continue;
            }

            sums ??= [];
            foreach (var overrun in overruns)
            {
                var key = (accounts[i], overrun.PeriodStart.UtcTicks, overrun.Cap.Value);
                sums.TryGetValue(key, out var sum);
                sums[key] = (sum.Calls + 1, checked(sum.Nanos + overrun.Amount.Nanos));
            }
        }

        return sums is null
            ? []
            : [.. sums.OrderBy(sum => sum.Key).Select(sum => new OverrunDelta(sum.Key.Account, sum.Key.PeriodTicks, sum.Key.Cap, sum.Value.Calls, sum.Value.Nanos))];
    }
}
