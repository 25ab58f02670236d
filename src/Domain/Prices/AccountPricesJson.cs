using System.Collections.Immutable;
using System.Text.Json;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Domain.Prices;

/// <summary>
/// An account's own prices as JSON, in the form of the book's prices:
/// <code>[{"provider":"openai","model":"gpt-4o","prices":{"input":2,"output":8}}]</code>
/// </summary>
public static class AccountPricesJson
{
    /// <summary>No event carries longer names.</summary>
    private const int MaxNameLength = CapScopeInput.MaxTargetLength;

    /// <summary>Null with every fault where the text is no such list.</summary>
    public static AccountPrices? Read(ReadOnlyMemory<byte> utf8, out ImmutableArray<Fault> faults) => Read(utf8, "", static name => name, out faults);

    /// <summary>The same, for a list inside of something else.</summary>
    /// <param name="utf8">The list.</param>
    /// <param name="path">Where it is: the paths of its faults begin with it.</param>
    /// <param name="provider">Gives the canonical provider.</param>
    /// <param name="faults">What is wrong.</param>
    public static AccountPrices? Read(ReadOnlyMemory<byte> utf8, string path, Func<string, string> provider, out ImmutableArray<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(provider);
        var found = new List<Fault>();
        var prices = Read(utf8, path, provider, found);
        faults = [.. found];
        return found.Count == 0 ? new AccountPrices(prices) : null;
    }

    public static byte[] Write(AccountPrices account)
    {
        var lines = account.Prices.Select(PriceBookJson.Line);
        return System.Text.Encoding.UTF8.GetBytes($"[\n{string.Join(",\n", lines)}\n]\n");
    }

    /// <summary>One price as it stands in the list.</summary>
    public static string Write(AccountPrice price) => PriceBookJson.Line(price);

    private static ImmutableArray<AccountPrice> Read(ReadOnlyMemory<byte> utf8, string path, Func<string, string> provider, List<Fault> faults)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            var root = new PriceJson(document.RootElement, path, faults);
            if (root.Element.ValueKind != JsonValueKind.Array)
            {
                root.Fail("", FaultCodes.Malformed, "a list of prices was expected");
                return [];
            }

            var always = new HashSet<(string, string)>(NamePairComparer.Instance);
            ImmutableArray<AccountPrice> prices = root.Element.GetArrayLength() > AccountPrices.MaxPrices
                ? []
                : [.. root.Items().SelectMany(item => Prices(item, provider, always))];
            if (root.Element.GetArrayLength() <= AccountPrices.MaxPrices && prices.Length <= AccountPrices.MaxPrices)
            {
                return prices;
            }

            root.Fail("", FaultCodes.TooLong, $"an account can have {AccountPrices.MaxPrices} prices of its own");
        }
        catch (JsonException exception)
        {
            faults.Add(new Fault(path, FaultCodes.Malformed, $"not JSON: {exception.Message}"));
        }
        catch (InvalidOperationException exception)
        {
            // A text with half a surrogate pair is only found when it is read.
            faults.Add(new Fault(path, FaultCodes.BadCharacter, exception.Message));
        }

        return [];
    }

    private static IEnumerable<AccountPrice> Prices(PriceJson json, Func<string, string> canonical, HashSet<(string Provider, string Model)> always)
    {
        json.Only("provider", "model", "prices");
        var provider = canonical(Name(json, "provider"));
        var model = json.Has("model") ? Name(json, "model") : "";
        var before = json.Faults.Count;
        var periods = PriceBookJson.ReadPeriods(json);
        var isRead = json.Faults.Count == before;
        foreach (var period in periods)
        {
            if (isRead && !period.Rates.Kinds.Any() && period.Rates.PercentOfAmount is null)
            {
                json.Fail("prices", FaultCodes.Required, "at least one price is needed");
            }

            if (period.From >= period.Until)
            {
                json.Fail("prices", FaultCodes.OutOfRange, "from must be before until");
            }

            if (period is { From: null, Until: null, DailyFrom: null } && !always.Add((provider, model)))
            {
                json.Fail("", FaultCodes.Conflict, "these names have another price that always holds");
            }
        }

        return periods.Select(period => new AccountPrice(provider, model, period));
    }

    private static string Name(PriceJson json, string name)
    {
        var text = json.Text(name)?.Trim();
        if (text is { Length: 0 })
        {
            json.Fail(name, FaultCodes.Required, "a text is needed");
        }

        return text is not null && TextFaults.Check(json.PathOf(name), text, MaxNameLength, json.Faults) ? text : "";
    }
}
