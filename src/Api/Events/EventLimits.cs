using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;

namespace LlmObserve.Api.Events;

/// <summary>What a request with events may hold. Every number has its reason.</summary>
internal static class EventLimits
{
    /// <summary>After decompression. Clients queue through an outage and send everything in one body: about 100,000 events fit.</summary>
    public const int MaxBodyBytes = 64 * 1024 * 1024;

    /// <summary>
    /// One event as text. A good one has below 1 KB, and one with everything at its limit below 100 KB; above that it is only held to say by
    /// name what is too long, and beyond this it is passed over unseen.
    /// </summary>
    public const int MaxEventBytes = 2 * 1024 * 1024;

    /// <summary>Text of one chunk, so that 5,000 events with 16 KiB of metadata each do not stand in memory at once.</summary>
    public const int MaxChunkBytes = 8 * 1024 * 1024;

    /// <summary>No provider's metadata nests deeper, and a reader's stack stays small.</summary>
    public const int MaxDepth = 64;

    /// <summary>An id or a trace id of any scheme in use; the ledger's index holds it.</summary>
    public const int MaxIdLength = 200;

    /// <summary>A label that is longer could never be the target of a cap.</summary>
    public const int MaxLabelLength = CapScopeInput.MaxTargetLength;

    /// <summary>Ten sections of some length below each other.</summary>
    public const int MaxSectionPathLength = 1_000;

    /// <summary>Words like <c>llm_call</c>; the wire contract says 64.</summary>
    public const int MaxWordLength = 64;

    /// <summary>Free data that a page shows; the wire contract says 16 KiB, counted as sent.</summary>
    public const int MaxMetadataBytes = 16 * 1024;

    /// <summary>
    /// Tokens and units of one call: a hundred times the largest context, and far from where sums leave 64 bits.
    /// </summary>
    public const long MaxQuantity = 1_000_000_000;

    /// <summary>What one call may cost. A slip by a factor of a million must not fill an account's totals, which hold nine billion dollars.</summary>
    public static readonly Usd MaxCost = Usd.FromDollars(100_000);

    /// <summary>A week. Nothing that takes longer is one call.</summary>
    public const int MaxLatencyMs = 7 * 24 * 60 * 60 * 1000;

    /// <summary>Seconds and gigabytes are kept to as many decimals as money.</summary>
    public const int MaxDecimals = 9;

    /// <summary>The week in which the ledger still knows every id, so that a late retry counts once.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromDays(7);

    /// <summary>Clocks of well-kept machines differ by less.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromMinutes(5);

    /// <summary>Faults that an answer lists; beyond, rejected events are only counted. About 400 KB of answer.</summary>
    public const int MaxListedFaults = 2_000;

    /// <summary>Events whose holds an answer lists; beyond, they are only in the ledger. About 200 KB of answer.</summary>
    public const int MaxListedHolds = 1_000;

    /// <summary>Lines that are no JSON at all, after which a body is not taken for NDJSON any more: reading each costs an exception.</summary>
    public const int MaxBrokenLines = 1_000;
}
