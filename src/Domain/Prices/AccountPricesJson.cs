using System.Collections.Immutable;
using System.Text.Json;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Domain.Prices;

/// <summary>
/// An account's own prices as JSON, in the form of the book's prices:
/// <code>[{"provider":"openai","model":"gpt-4o","prices":{"input":2,"output":8}}]</code>
/// </summary>
public static class AccountPricesJson
{
    /// <summary>Null with every fault where the text is no such list.</summary>
    public static AccountPrices? Read(ReadOnlyMemory<byte> utf8, out ImmutableArray<Fault> faults)
    {
        var found = new List<Fault>();
        var prices = Read(utf8, found);
        faults = [.. found];
        return found.Count == 0 ? new AccountPrices(prices) : null;
    }

    public static byte[] Write(AccountPrices account)
    {
        var lines = account.Prices.Select(PriceBookJson.Line);
        return System.Text.Encoding.UTF8.GetBytes($"[\n{string.Join(",\n", lines)}\n]\n");
    }

    private static ImmutableArray<AccountPrice> Read(ReadOnlyMemory<byte> utf8, List<Fault> faults)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            var root = new PriceJson(document.RootElement, "", faults);
            if (root.Element.ValueKind != JsonValueKind.Array)
            {
                root.Fail("", FaultCodes.Malformed, "a list of prices was expected");
                return [];
            }

            if (root.Element.GetArrayLength() > AccountPrices.MaxPrices)
            {
                root.Fail("", FaultCodes.TooLong, $"an account can have {AccountPrices.MaxPrices} prices of its own");
                return [];
            }

            return [.. root.Items().SelectMany(Prices)];
        }
        catch (JsonException exception)
        {
            faults.Add(new Fault("", FaultCodes.Malformed, $"not JSON: {exception.Message}"));
        }
        catch (InvalidOperationException exception)
        {
            // A text with half a surrogate pair is only found when it is read.
            faults.Add(new Fault("", FaultCodes.BadCharacter, exception.Message));
        }

        return [];
    }

    private static IEnumerable<AccountPrice> Prices(PriceJson json)
    {
        json.Only("provider", "model", "prices");
        var provider = json.Text("provider") ?? "";
        var model = json.Has("model") ? json.Text("model") ?? "" : "";
        return PriceBookJson.ReadPeriods(json).Select(period => new AccountPrice(provider, model, period));
    }
}
