using LlmObserve.Domain.Periods;
using LlmObserve.Web.Api;
using LlmObserve.Web.Formats;

namespace LlmObserve.Web.Components.Traces;

/// <summary>Everything that is known of a call, in words; what it does not have is left out.</summary>
internal static class CallFacts
{
    public static IEnumerable<(string Name, string Value)> Of(RunEventAnswer call, Trace trace, AccountZone zone) =>
        All(call, trace, zone).Where(fact => !string.IsNullOrEmpty(fact.Value)).Select(fact => (fact.Name, fact.Value!));

    private static IEnumerable<(string Name, string? Value)> All(RunEventAnswer call, Trace trace, AccountZone zone)
    {
        var start = Trace.StartOf(call);
        yield return ("Event", call.Id);
        yield return ("Span", call.SpanId);
        yield return ("Parent", call.ParentSpanId);
        yield return ("Section", call.SectionPath.Length > 0 ? call.SectionPath : call.Section);
        yield return ("Type", call.SpanType);
        yield return ("Provider", call.Provider);
        yield return ("Endpoint", call.Endpoint);
        yield return ("Model", call.Model);
        yield return ("Model as sent", call.ModelRaw == call.Model ? null : call.ModelRaw);
        yield return ("Label", call.SemanticLabel);
        yield return ("Customer", call.CustomerId);
        yield return ("Status", call.Status);
        yield return ("Began", $"{Show.Instant(start, zone)}, {Show.Duration(Ms(start - trace.Start))} into the run");
        yield return ("Ended", Show.Instant(call.OccurredAt, zone));
        yield return ("Latency", call.LatencyMs == 0 ? "not sent" : $"{Show.Whole(call.LatencyMs)} ms");
        yield return ("Tokens", call.Tokens == 0 ? null : $"{Show.Whole(call.InputTokens)} in, {Show.Whole(call.OutputTokens)} out, {Show.Whole(call.CachedTokens)} cached");
        yield return ("Cost", $"${Show.Exact(call.CostUsd)}{(call.Unpriced ? ", as the client said: no price is known for it" : "")}");
        yield return ("Hold", call.HoldId);
        yield return ("The hold", call.HoldOutcome is { } outcome ? Words(outcome) : null);
        yield return ("Held", call.HeldUsd is { } held ? $"${Show.Exact(held)}" : null);
        yield return ("Above the hold", call.OverrunUsd is { IsZero: false } overrun ? $"${Show.Exact(overrun)}" : null);
        yield return ("Labels", call.HoldLabelMismatch == true ? "counts in other caps than its hold did" : null);
    }

    private static string Words(string outcome) => outcome switch
    {
        "settled" => "was settled by this call",
        "late" => "had expired or been released before this call came",
        "again" => "was settled by another call",
        "unknown" => "is not known",
        _ => outcome,
    };

    private static decimal Ms(TimeSpan time) => (decimal)time.Ticks / TimeSpan.TicksPerMillisecond;
}
