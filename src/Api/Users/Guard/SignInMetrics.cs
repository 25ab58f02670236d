using System.Diagnostics.Metrics;

namespace LlmObserve.Api.Users.Guard;

/// <summary>How sign-ins end. Those that fail are nobody's, so that no audit log has them.</summary>
internal sealed class SignInMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _signIns = meters.Create(ApiComposition.MeterName)
        .CreateCounter<long>("llmobserve.sign_ins", "{sign_in}", "Attempts to sign in with address and password, by outcome");

    public void SignedIn() => Count("signed_in");

    /// <summary>A wrong password, or an address of nobody.</summary>
    public void Refused() => Count("refused");

    /// <summary>Too many wrong ones before.</summary>
    public void Locked() => Count("locked");

    /// <summary>More at once than can be looked at.</summary>
    public void Busy() => Count("busy");

    private void Count(string outcome) => _signIns.Add(1, KeyValuePair.Create("outcome", (object?)outcome));
}
