using System.Diagnostics.Metrics;

namespace LlmObserve.Api.Http;

/// <summary>Requests that were told to come back later, with 429 or 503: by why.</summary>
internal sealed class ShedMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _sheds = meters.Create(ApiComposition.MeterName)
        .CreateCounter<long>("llmobserve.sheds", "{request}", "Requests that were told to come back later, by reason");

    public void Shed(int status, string reason) => _sheds.Add(
        1, KeyValuePair.Create("http.response.status_code", (object?)status), KeyValuePair.Create("reason", (object?)reason));
}

/// <summary>Why a request is told to come back later.</summary>
internal static class ShedReasons
{
    /// <summary>The bodies that are being read take all the memory that they may.</summary>
    public const string IngestMemory = "ingest_memory";

    /// <summary>Too many events of one account wait for its ledger.</summary>
    public const string AccountQueue = "account_queue";

    /// <summary>Too many calls of one account are in flight.</summary>
    public const string Holds = "holds";

    /// <summary>The ledger cannot be written.</summary>
    public const string Ledger = "ledger";

    /// <summary>The database or a grain does not answer.</summary>
    public const string Dependency = "dependency";

    /// <summary>Too many keys that this process has not seen lately.</summary>
    public const string UnknownKeys = "unknown_keys";

    /// <summary>One API key asks too often.</summary>
    public const string KeyRate = "key_rate";

    /// <summary>One account asks too often.</summary>
    public const string AccountRate = "account_rate";

    /// <summary>One address asks too often without a key that is known.</summary>
    public const string AddressRate = "address_rate";

    /// <summary>Too many sign-ins at once: each is expensive.</summary>
    public const string SignIn = "sign_in";

    /// <summary>Too many messages of others' servers at once.</summary>
    public const string Webhooks = "webhooks";

    /// <summary>Too many streams of changes are open.</summary>
    public const string Streams = "streams";

    /// <summary>The HTTP server itself.</summary>
    public const string Server = "server";
}
