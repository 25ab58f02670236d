using System.Collections.Immutable;
using System.Net.Mail;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Prices;
using LlmObserve.Grains.Interfaces.Caps;

namespace LlmObserve.Api.Caps;

/// <summary>Reads the bodies of caps, every fault of them at once. Unknown fields are ignored.</summary>
internal static class CapBody
{
    /// <summary>A billion dollars: beyond any budget, and so far inside the range of an amount that sums with it stay there too.</summary>
    private static readonly Usd MaxLimit = Usd.FromDollars(1_000_000_000);

    /// <summary>What mail itself allows.</summary>
    private const int MaxEmailLength = 320;

    /// <summary>The words of closed sets are all shorter; a longer one is told to be unknown, not to be long.</summary>
    private const int MaxWordLength = 64;

    private const string LimitAmount = "limit_amount";
    private const string AlertThreshold = "alert_threshold";
    private const string AlertEmail = "alert_email";
    private const string Period = "period";

    private static readonly (string Word, CapPeriod Value)[] Periods =
        [.. Enum.GetValues<CapPeriod>().Select(period => (period.ToWire(), period))];

    private static readonly (string Word, CapEnforcement Value)[] Enforcements =
        [.. Enum.GetValues<CapEnforcement>().Select(enforcement => (enforcement.ToWire(), enforcement))];

    /// <summary>
    /// A new cap. Raw sample: <c>{"cap_type":"model","target_name":"gpt-4o","limit_amount":100,"period":"monthly","enforcement":"hard_block"}</c>.
    /// Only meaningful where the fields have no faults afterwards.
    /// </summary>
    public static Cap ReadNew(JsonFields fields, Domain.Accounts.AccountId account, PriceBook prices, DateTimeOffset now)
    {
        var (input, scope) = ReadScope(fields, prices);
        var limit = ReadLimit(fields);
        if (limit is null && !fields.IsGiven(LimitAmount))
        {
            fields.Add(new Fault(LimitAmount, FaultCodes.Required, "limit_amount is needed: US dollars per period."));
        }

        var period = fields.Word<CapPeriod>(Period, Periods);
        if (period is null && !fields.IsGiven(Period))
        {
            fields.Add(new Fault(Period, FaultCodes.Required, "period is needed: daily, weekly or monthly."));
        }

        return new Cap
        {
            Id = CapId.New(),
            Account = account,
            Scope = scope ?? default,
            // A customer's id is compared to the letter, blanks included: what is shown must be what is compared.
            TargetName = scope switch
            {
                null or { Type: CapType.Global } => "",
                { Type: CapType.Customer } => input.TargetName!,
                _ => input.TargetName!.Trim(),
            },
            SubTargetName = scope is null or { SubScope: CapSubScope.None } ? "" : input.SubTarget!.Trim(),
            Limit = limit ?? default,
            Period = period ?? default,
            Enforcement = fields.Word<CapEnforcement>("enforcement", Enforcements) ?? CapEnforcement.Alert,
            Thresholds = ReadThresholds(fields),
            AlertEmail = ReadEmail(fields),
            CreatedAt = now,
            UpdatedAt = now,
        };
    }

    /// <summary>A change. Raw sample: <c>{"limit_amount":250,"alert_email":null}</c>: null takes the address away, other nulls change nothing.</summary>
    public static CapChange ReadChange(JsonFields fields)
    {
        var email = ReadEmail(fields);
        return new CapChange
        {
            Limit = ReadLimit(fields),
            Thresholds = fields.IsGiven(AlertThreshold) ? ReadThresholds(fields) : null,
            AlertEmail = email,
            ClearAlertEmail = email is null && fields.Has(AlertEmail),
            Enforcement = fields.Word<CapEnforcement>("enforcement", Enforcements),
            Enabled = fields.Flag("enabled"),
        };
    }

    /// <summary>The names as typed, and the scope; a field that is no text gets that fault alone.</summary>
    private static (CapScopeInput Input, CapScope? Scope) ReadScope(JsonFields fields, PriceBook prices)
    {
        var broken = new HashSet<string>(StringComparer.Ordinal);
        var input = new CapScopeInput(
            Text("cap_type", MaxWordLength),
            Text("target_name", CapScopeInput.MaxTargetLength),
            Text("sub_scope", MaxWordLength),
            Text("sub_target", CapScopeInput.MaxTargetLength));
        var faults = new List<Fault>();
        var scope = input.Validate(prices.Provider, model => prices.Canonical(null, model), faults);
        foreach (var fault in faults.Where(fault => !broken.Contains(fault.Path)))
        {
            fields.Add(fault);
        }

        return (input, scope);

        string? Text(string name, int maxLength)
        {
            var text = fields.OptionalText(name, maxLength);
            if (text is null && fields.IsGiven(name))
            {
                broken.Add(name);
            }

            return text;
        }
    }

    private static Usd? ReadLimit(JsonFields fields)
    {
        if (fields.ExactUsd(LimitAmount) is not { } amount)
        {
            return null;
        }

        var faults = new List<Fault>();
        var limit = CapLimit.Validate(UsdFault.None, amount, faults);
        if (limit > MaxLimit)
        {
            faults.Add(new Fault(LimitAmount, FaultCodes.OutOfRange, $"limit_amount must be at most {MaxLimit}."));
        }

        faults.ForEach(fields.Add);
        return limit;
    }

    private static ImmutableArray<decimal> ReadThresholds(JsonFields fields)
    {
        var faults = new List<Fault>();
        var thresholds = CapThresholds.FromAlertThreshold(fields.Number(AlertThreshold, decimal.MinValue, decimal.MaxValue), faults);
        faults.ForEach(fields.Add);
        return thresholds;
    }

    /// <summary>Null where there is none; an empty text is none too, as forms send it.</summary>
    private static string? ReadEmail(JsonFields fields)
    {
        var text = fields.OptionalText(AlertEmail, MaxEmailLength)?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (!MailAddress.TryCreate(text, out var address) || address.Address != text)
        {
            fields.Add(new Fault(AlertEmail, FaultCodes.Malformed, "alert_email must be an email address."));
        }

        return text;
    }
}
