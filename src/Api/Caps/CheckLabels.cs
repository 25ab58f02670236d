using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Prices;
using Microsoft.AspNetCore.WebUtilities;

namespace LlmObserve.Api.Caps;

/// <summary>
/// Reads the labels of a check off its query: <c>?provider=openai&amp;model=gpt-4o-2024-08-06&amp;customer_id=acme&amp;agent=agent:researcher</c>.
/// Straight off the text, without the dictionary that the framework makes of a query: a check is asked before every call of every customer.
/// </summary>
internal static class CheckLabels
{
    /// <param name="query">With its question mark.</param>
    /// <param name="prices">The current book.</param>
    /// <param name="unknown">The names of a model that the book has no price for; null where it has one, or none is asked for.</param>
    public static CallLabels Read(string? query, PriceBook prices, out UnknownModel? unknown)
    {
        string? provider = null, model = null, agent = null, customer = null;
        foreach (var pair in new QueryStringEnumerable(query))
        {
            var name = pair.DecodeName().Span;
            if (name.SequenceEqual("provider"))
            {
                provider = Value(pair);
            }
            else if (name.SequenceEqual("model"))
            {
                model = Value(pair);
            }
            else if (name.SequenceEqual("customer_id"))
            {
                customer = Value(pair);
            }
            else if (name.SequenceEqual("agent"))
            {
                agent = Value(pair);
            }
        }

        var labels = Canonical(prices, provider, model, agent, customer);
        unknown = labels.Model.Length > 0 && !prices.Knows(provider, model) ? new UnknownModel(provider, model!) : null;
        return labels;
    }

    /// <summary>The labels of a call as its event will carry them, so that caps see the two as one.</summary>
    public static CallLabels Canonical(PriceBook prices, string? provider, string? model, string? agent, string? customer) => new(
        provider is null ? "" : prices.Provider(provider),
        model is null ? "" : prices.Canonical(provider, model),
        AgentName.FromCheck(agent),
        customer ?? "");

    /// <summary>Empty is the same as not given.</summary>
    private static string? Value(QueryStringEnumerable.EncodedNameValuePair pair) =>
        pair.EncodedValue.IsEmpty ? null : pair.DecodeValue().ToString();
}

/// <summary>A model that the book has no price for, in the words of a check: the account may have one.</summary>
internal readonly record struct UnknownModel(string? Provider, string Model);
