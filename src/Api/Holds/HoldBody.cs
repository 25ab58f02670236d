using System.Text.Json;
using LlmObserve.Api.Caps;
using LlmObserve.Api.Events;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Prices;

namespace LlmObserve.Api.Holds;

/// <summary>
/// Reads the bodies of holds, every fault of them at once. Unknown fields are ignored. Raw sample:
/// <c>{"provider":"openai","model":"gpt-4o","customer_id":"acme","estimate":{"input_tokens":1200,"max_output_tokens":800},"clamp":true}</c>.
/// </summary>
internal static class HoldBody
{
    private const string Estimate = "estimate";
    private const string InputTokens = "input_tokens";
    private const string MaxOutputTokens = "max_output_tokens";
    private const string MinOutputTokens = "min_output_tokens";
    private const string UsageField = "usage";
    private const string TtlSeconds = "ttl_seconds";

    /// <summary>An answer cut to nothing is no answer.</summary>
    private const long DefaultMinOutput = 1;

    /// <summary>The request; null where the fields have faults.</summary>
    /// <param name="fields">Of the body.</param>
    /// <param name="prices">The current book.</param>
    /// <param name="own">What the account pays where it differs.</param>
    /// <param name="hasKey">It came under an idempotency key.</param>
    /// <param name="now">When it was received.</param>
    public static HoldAsk? ReadAsk(JsonFields fields, PriceBook prices, AccountPrices own, bool hasKey, DateTimeOffset now)
    {
        var provider = Label(fields, "provider");
        var model = Label(fields, "model");
        var customer = Label(fields, "customer_id");
        var agent = Label(fields, "agent", EventLimits.MaxSectionPathLength);
        var endpoint = Label(fields, "endpoint");
        var spanType = Label(fields, "span_type", EventLimits.MaxWordLength);
        var isStreaming = fields.Flag("is_streaming") ?? false;
        var time = ReadTime(fields) ?? HoldLimits.DefaultTime;
        var clamp = fields.Flag("clamp") ?? false;
        var dryRun = fields.Flag("dry_run") ?? false;
        var stated = ReadEstimate(fields);
        if (stated is null || fields.HasFaults)
        {
            return null;
        }

        var call = new PricedCall
        {
            Provider = provider,
            Model = model,
            Endpoint = endpoint,
            Kind = spanType is null ? SpanKind.Llm : SpanKinds.FromSpanType(spanType),
            Usage = stated.Usage,
            OccurredAt = now,
            IsStreaming = isStreaming,
            ClientCost = stated.Cost ?? Usd.Zero,
        };
        var estimate = new CallEstimate(call, stated.Output, stated.Cost is not null, time) { Own = own };
        return ReadBound(fields, estimate, prices, now) is not { } bound ? null : new HoldAsk
        {
            Labels = CheckLabels.Canonical(prices, provider, model, agent, customer),
            Estimate = estimate,
            Amount = bound.Amount,
            Unpriced = bound.Unpriced,
            Clamp = clamp,
            DryRun = dryRun,
            Digest = hasKey ? HoldDigest.Of(estimate, stated.UsageJson, spanType, customer, agent, clamp) : null,
        };
    }

    /// <summary>The time of a hold, in whole seconds; null where missing or faulty.</summary>
    public static TimeSpan? ReadTime(JsonFields fields) =>
        fields.Whole(TtlSeconds, (long)HoldLimits.MinTime.TotalSeconds, (long)HoldLimits.MaxTime.TotalSeconds) is { } seconds
            ? TimeSpan.FromSeconds(seconds)
            : null;

    /// <summary>As <see cref="ReadTime"/>, where it must be there.</summary>
    public static TimeSpan ReadRequiredTime(JsonFields fields)
    {
        Require(fields, TtlSeconds);
        return ReadTime(fields) ?? default;
    }

    /// <summary>What the call may cost at most; null with a fault where the estimate does not say, or says too much.</summary>
    private static (Usd Amount, bool Unpriced)? ReadBound(JsonFields fields, CallEstimate estimate, PriceBook prices, DateTimeOffset now)
    {
        var price = estimate.Bound(prices, now);
        var saysNothing = price.Outcome is PriceOutcome.NoUsage or PriceOutcome.NothingUsed;
        if (saysNothing && !estimate.StatesCost)
        {
            fields.Add(
                Estimate, FaultCodes.Required,
                $"says nothing that bounds the call's cost: give {InputTokens} and {MaxOutputTokens}, {UsageField}, or cost_usd");
            return null;
        }

        if (price.Outcome == PriceOutcome.OutOfRange || price.Cost > HoldLimits.MaxAmount)
        {
            fields.Add(Estimate, FaultCodes.OutOfRange, $"comes to more than {HoldLimits.MaxAmount} dollars, the most that one hold can have");
            return null;
        }

        return (price.Cost, price.Unpriced && !saysNothing);
    }

    private static Stated? ReadEstimate(JsonFields fields)
    {
        Require(fields, Estimate);
        if (fields.Object(Estimate) is not { } estimate)
        {
            return null;
        }

        var input = estimate.Whole(InputTokens, 0, EventLimits.MaxQuantity);
        var max = estimate.Whole(MaxOutputTokens, 0, EventLimits.MaxQuantity);
        var min = estimate.Whole(MinOutputTokens, 0, EventLimits.MaxQuantity);
        var cost = estimate.UpTo("cost_usd", HoldLimits.MaxAmount);
        var (usage, usageJson) = ReadUsage(estimate);
        if (!estimate.IsGiven(InputTokens) && !estimate.IsGiven(MaxOutputTokens) && !estimate.IsGiven(MinOutputTokens))
        {
            return new Stated(usage ?? Usage.None, usageJson, null, cost);
        }

        // The one without the other bounds nothing.
        Require(estimate, InputTokens);
        Require(estimate, MaxOutputTokens);
        if (min > max)
        {
            estimate.Add(MinOutputTokens, FaultCodes.OutOfRange, $"must be at most {MaxOutputTokens}");
        }

        if (estimate.IsGiven(UsageField))
        {
            estimate.Add(UsageField, FaultCodes.Conflict, $"and the token fields say the same twice: give {UsageField}, or {InputTokens} and {MaxOutputTokens}");
        }

        var tokens = new Usage { InputTokens = input ?? 0, OutputTokens = max ?? 0 };
        return new Stated(tokens, null, new OutputRange(max ?? 0, min ?? DefaultMinOutput), cost);
    }

    /// <summary>As events state it.</summary>
    private static (Usage? Usage, string? Json) ReadUsage(JsonFields estimate)
    {
        if (!estimate.TryGetJson(UsageField, out var json))
        {
            return default;
        }

        var reader = new Utf8JsonReader(json);
        reader.Read();
        return new UsageReader(estimate.Add).Read(ref reader);
    }

    private static void Require(JsonFields fields, string name)
    {
        if (!fields.IsGiven(name))
        {
            fields.Add(name, FaultCodes.Required, "is required");
        }
    }

    /// <summary>Empty is the same as not given, as in events.</summary>
    private static string? Label(JsonFields fields, string name, int maxLength = EventLimits.MaxLabelLength) =>
        fields.OptionalText(name, maxLength) is { Length: > 0 } text ? text : null;

    private sealed record Stated(Usage Usage, string? UsageJson, OutputRange? Output, Usd? Cost);
}
