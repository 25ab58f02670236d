using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Prices;
using LlmObserve.Storage.Stats;

namespace LlmObserve.Api.Stats;

/// <summary>What a read of figures asks for, in the words of its query: <c>?hours=168&amp;provider=openai&amp;limit=20</c>.</summary>
internal sealed record StatsRequest(StatsWindow Window, StatsFilter Filter, int Limit, StatsPosition? After)
{
    /// <summary>Of a list.</summary>
    public StatsOrder Order { get; init; }

    /// <summary>Of a list: what its names hold.</summary>
    public string? Search { get; init; }

    /// <summary>Null for a page.</summary>
    public FileFormat? Format { get; init; }

    /// <summary>
    /// The longest window, a quarter: of an account with ten models and six agents it reads some 130,000 rows, which takes a twentieth of a
    /// second; twice that would take twice the time.
    /// </summary>
    public const int MaxDays = 92;

    public const int DefaultHours = 24;

    public const int MaxHours = MaxDays * 24;

    /// <summary>A screenful.</summary>
    public const int DefaultLimit = 50;

    /// <summary>No label of an event is longer.</summary>
    public const int MaxLabelLength = CapScopeInput.MaxTargetLength;

    public static readonly Fault BadCursor =
        new("cursor", FaultCodes.Malformed, "cursor must be the next_cursor of an answer to the same question.");

    /// <summary>Reads the query; the problem lists everything that is wrong with it.</summary>
    public static bool TryRead(
        IQueryCollection query,
        PriceBook prices,
        DateTimeOffset now,
        [NotNullWhen(true)] out StatsRequest? request,
        [NotNullWhen(false)] out Problem? problem) => TryRead(query, prices, now, isList: false, out request, out problem);

    /// <summary>The same with the words of a list that is searched, sorted and saved.</summary>
    public static bool TryReadList(
        IQueryCollection query,
        PriceBook prices,
        DateTimeOffset now,
        [NotNullWhen(true)] out StatsRequest? request,
        [NotNullWhen(false)] out Problem? problem) => TryRead(query, prices, now, isList: true, out request, out problem);

    private static bool TryRead(
        IQueryCollection query,
        PriceBook prices,
        DateTimeOffset now,
        bool isList,
        [NotNullWhen(true)] out StatsRequest? request,
        [NotNullWhen(false)] out Problem? problem)
    {
        var faults = ImmutableArray.CreateBuilder<Fault>();
        var filter = ReadFilter(query, prices, faults);
        var limit = ReadCount(query, "limit", DefaultLimit, StatsStore.MaxRows, faults);
        var window = ReadWindow(query, now, faults);
        var order = isList ? ListWords.ReadOrder(query, faults) : default;
        var search = isList ? ListWords.ReadSearch(query, faults) : null;
        var format = isList ? ListWords.ReadFormat(query, faults) : null;
        StatsPosition? after = null;
        if (Text(query, "cursor") is { } cursor)
        {
            // The walk stays in the window of its first page, while that of "the last 24 hours" moves on. In another order it would make no sense.
            if (StatsCursor.TryParse(cursor, out var place) && place.Order == order)
            {
                (window, after) = (place.Window, place.Position);
            }
            else
            {
                faults.Add(BadCursor);
            }
        }

        problem = faults.Count > 0 ? Problems.Invalid(faults.ToImmutable()) : null;
        request = problem is null ? new StatsRequest(window, filter, limit, after) { Order = order, Search = search, Format = format } : null;
        return problem is null;
    }

    /// <summary>The filters of a query as events carry them: the canonical names.</summary>
    public static StatsFilter ReadFilter(IQueryCollection query, PriceBook prices, ICollection<Fault> faults)
    {
        var customer = Label(query, "customer_id", faults);
        var provider = Label(query, "provider", faults);
        var model = Label(query, "model", faults);
        var agent = Label(query, "agent", faults);
        return new StatsFilter(
            customer,
            provider is null ? null : prices.Provider(provider),
            model is null ? null : prices.Canonical(provider, model),
            agent is null ? null : AgentName.FromCheck(agent));
    }

    public static int ReadCount(IQueryCollection query, string name, int fallback, int max, ICollection<Fault> faults)
    {
        if (Text(query, name) is not { } text)
        {
            return fallback;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1 && count <= max)
        {
            return count;
        }

        faults.Add(new Fault(name, FaultCodes.OutOfRange, $"{name} must be a whole number from 1 to {max}."));
        return fallback;
    }

    public static StatsWindow ReadWindow(IQueryCollection query, DateTimeOffset now, ICollection<Fault> faults)
    {
        var from = ReadTime(query, "from", faults);
        var to = ReadTime(query, "to", faults);
        var hours = ReadCount(query, "hours", DefaultHours, MaxHours, faults);
        if (from is null && to is null)
        {
            return new StatsWindow(now.AddHours(-hours), now);
        }

        if (Text(query, "hours") is not null)
        {
            faults.Add(new Fault("hours", FaultCodes.Conflict, "Give hours, or from and to, not both."));
        }

        if (from is null)
        {
            if (Text(query, "from") is null)
            {
                faults.Add(new Fault("from", FaultCodes.Required, "to needs from."));
            }

            return default;
        }

        var window = new StatsWindow(from.Value, to ?? now);
        Check(window, faults);
        return window;
    }

    public static bool HasWindow(IQueryCollection query) =>
        Text(query, "hours") is not null || Text(query, "from") is not null || Text(query, "to") is not null;

    /// <summary>The parameter, or null where it is missing or empty.</summary>
    public static string? Text(IQueryCollection query, string name) => query[name] is [.., { Length: > 0 } last] ? last : null;

    private static void Check(StatsWindow window, ICollection<Fault> faults)
    {
        if (window.From >= window.To)
        {
            faults.Add(new Fault("from", FaultCodes.OutOfRange, "from must be before to and before now."));
        }
        else if (window.To - window.From > TimeSpan.FromDays(MaxDays))
        {
            faults.Add(new Fault("from", FaultCodes.OutOfRange, $"from must be at most {MaxDays} days before to."));
        }
    }

    /// <summary>The time, or null where it is missing, or malformed: then with a fault.</summary>
    public static DateTimeOffset? ReadTime(IQueryCollection query, string name, ICollection<Fault> faults)
    {
        if (Text(query, name) is not { } text)
        {
            return null;
        }

        if (WireTime.TryParse(text, out var time))
        {
            return time;
        }

        faults.Add(new Fault(name, FaultCodes.Malformed, $"{name} must be a time like 2026-03-01T09:30:00Z."));
        return null;
    }

    /// <summary>One of a closed set of words, or null where it is missing, or unknown: then with a fault.</summary>
    public static string? ReadWord(IQueryCollection query, string name, IReadOnlyList<string> words, ICollection<Fault> faults)
    {
        if (Text(query, name) is not { } text)
        {
            return null;
        }

        if (words.Contains(text, StringComparer.Ordinal))
        {
            return text;
        }

        faults.Add(new Fault(name, FaultCodes.UnknownValue, $"{name} must be one of {string.Join(", ", words)}."));
        return null;
    }

    private static string? Label(IQueryCollection query, string name, ICollection<Fault> faults) =>
        Text(query, name) is { } text && TextFaults.Check(name, text, MaxLabelLength, faults) ? text : null;
}
