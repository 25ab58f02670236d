using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Accounts;

namespace LlmObserve.Api.Live;

/// <summary>Where an account stands, and what has changed.</summary>
/// <param name="LastSeq">How many events the account's ledger counts; also the event's id.</param>
/// <param name="At">When the account stood so.</param>
/// <param name="Today">Spent today, in the account's time zone.</param>
/// <param name="Week">Spent this week, from Monday.</param>
/// <param name="Month">Spent this month.</param>
/// <param name="Stale">The totals may lack events that are recorded: the database does not answer. Another message says when that is over.</param>
/// <param name="Changed">events, caps, holds, settings: what to fetch again.</param>
internal sealed record LiveAnswer(
    long LastSeq, DateTimeOffset At, SpendAnswer Today, SpendAnswer Week, SpendAnswer Month, bool Stale, ImmutableArray<string> Changed)
{
    private static readonly ImmutableArray<(AccountChanges What, string Word)> s_words =
    [
        (AccountChanges.Events, "events"), (AccountChanges.Caps, "caps"), (AccountChanges.Holds, "holds"), (AccountChanges.Settings, "settings"),
    ];

    public LiveAnswer(AccountChange change)
        : this(
            change.Position.Seq,
            change.At,
            new SpendAnswer(change.Day.Cost, change.Day.Calls),
            new SpendAnswer(change.Week.Cost, change.Week.Calls),
            new SpendAnswer(change.Month.Cost, change.Month.Calls),
            change.Stale,
            [.. s_words.Where(pair => change.What.HasFlag(pair.What)).Select(pair => pair.Word)])
    {
    }
}

/// <summary>What was spent over a stretch of time.</summary>
/// <param name="TotalCost">US dollars.</param>
/// <param name="CallCount">Calls.</param>
internal sealed record SpendAnswer(Usd TotalCost, long CallCount);

/// <summary>A change as it goes to streams: written once, however many read it.</summary>
internal sealed class LiveMessage(AccountChange change)
{
    private static readonly LiveJson s_json = new(Options());

    private byte[]? _bytes;

    public AccountChange Change => change;

    /// <summary>The bytes of an event of this name.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes ??= Write("change", change);

    /// <summary>This one, read in place of an earlier one that nobody has read.</summary>
    public LiveMessage After(LiveMessage? unread) => unread is null || (unread.Change.What | change.What) == change.What
        ? this
        : new LiveMessage(change with { What = unread.Change.What | change.What });

    /// <summary>
    /// The first event of a stream: <c>retry: 1000\nevent: hello\nid: 42\ndata: {"last_seq":42,…}\n\n</c>.
    /// </summary>
    public static byte[] Hello(AccountChange change) =>
        [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"retry: {LiveLimits.RetryMs}\n")), .. Write("hello", change with { What = AccountChanges.All })];

    private static byte[] Write(string name, AccountChange change) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"event: {name}\nid: {change.Position.Seq}\ndata: {JsonSerializer.Serialize(new LiveAnswer(change), s_json.LiveAnswer)}\n\n"));

    private static JsonSerializerOptions Options()
    {
        var options = new JsonSerializerOptions();
        ApiJson.Configure(options);
        return options;
    }
}

[JsonSerializable(typeof(LiveAnswer))]
internal sealed partial class LiveJson : JsonSerializerContext;
