using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Tests.Caps;

/// <summary>Caps as a test needs them.</summary>
internal static class CapSamples
{
    private static readonly AccountId Account = AccountId.New();

    public static Cap Make(
        CapScope scope,
        string limit = "10",
        CapEnforcement enforcement = CapEnforcement.HardBlock,
        CapPeriod period = CapPeriod.Daily,
        bool enabled = true) => new()
        {
            Id = CapId.New(),
            Account = Account,
            Scope = scope,
            TargetName = scope.Target,
            SubTargetName = scope.SubTarget,
            Limit = Usd.Parse(limit),
            Period = period,
            Enforcement = enforcement,
            Thresholds = CapThresholds.From([0.8m]),
            Enabled = enabled,
            CreatedAt = DateTimeOffset.UnixEpoch,
            UpdatedAt = DateTimeOffset.UnixEpoch,
        };
}
