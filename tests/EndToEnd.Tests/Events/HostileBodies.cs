using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace LlmObserve.EndToEnd.Tests.Events;

/// <summary>One body that nobody means well with.</summary>
/// <param name="Name">Shown where a test fails.</param>
/// <param name="Content">Makes it.</param>
/// <param name="Status">What it deserves.</param>
/// <param name="Faults">The ends of the paths that the answer must name.</param>
internal sealed record HostileBody(string Name, Func<HttpContent> Content, HttpStatusCode Status, params string[] Faults)
{
    /// <summary>Sent with <c>Expect: 100-continue</c>, as curl does with large bodies: a server that has refused does not read on.</summary>
    public bool AsksFirst { get; init; }
}

/// <summary>The set of bodies, each of which must be refused.</summary>
internal static class HostileBodies
{
    private const int Deep = 1_000_000;
    private const int MiB = 1 << 20;

    private const HttpStatusCode Malformed = HttpStatusCode.BadRequest;
    private const HttpStatusCode Invalid = HttpStatusCode.UnprocessableEntity;
    private const HttpStatusCode TooLarge = HttpStatusCode.RequestEntityTooLarge;

    public static IEnumerable<HostileBody> All =>
    [
        new("empty", () => Text(""), Malformed),
        new("no JSON", () => Text("hello"), Malformed),
        new("an object", () => Text("""{"id":"1"}"""), Malformed),
        new("a number", () => Text("1"), Malformed),
        new("two arrays", () => Text("[][]"), Malformed),
        new("cut array", () => Text("""[{"id":"1","""), Malformed),
        new("NaN", () => Text(With("cost_usd", "NaN")), Malformed),
        new("UTF-16", () => Bytes(Encoding.Unicode.GetBytes("[]")), Malformed),
        new("gzip that is none", () => Gzip("hello"u8.ToArray()), Malformed),
        new("truncated gzip", () => Gzip(Compress([.. Encoding.UTF8.GetBytes(With("id", "\"1\""))])[..^12]), Malformed),
        new("gzip bomb", () => Gzip(Bomb(1024)), TooLarge),
        new("gzip in gzip", () => Gzip(Compress(Compress("[]"u8.ToArray()))), Malformed),
        new("other compression", () => Encoded(Text("[]"), "br"), HttpStatusCode.UnsupportedMediaType),
        new("no events in it", () => Text("""[null, 1, "x", [], true]"""), Invalid, "[0]", "[1]", "[2]", "[3]", "[4]"),
        new("nothing set", () => Text("[{}]"), Invalid, "id", "run_id", "span_id", "section", "span_type", "provider", "endpoint"),
        new("wrong types", () => Text(WrongTypes()), Invalid, [.. WrongFields]),
        new("negative numbers", () => Text(Negative()), Invalid, "input_tokens", "output_tokens", "cached_tokens", "cost_usd", "latency_ms"),
        new("huge tokens", () => Text(With("input_tokens", "99999999999999999999")), Invalid, "input_tokens"),
        new("huge cost", () => Text(With("cost_usd", "1e300")), Invalid, "cost_usd"),
        new("number of 100,000 digits", () => Text(With("cost_usd", new string('9', 100_000))), Invalid, "cost_usd"),
        new("infinite latency", () => Text(With("latency_ms", "1e400")), Invalid, "latency_ms"),
        new("half a token", () => Text(With("output_tokens", "0.5")), Invalid, "output_tokens"),
        new("deep array", () => Text(new string('[', Deep)), HttpStatusCode.BadRequest),
        new("deep metadata", () => Text(With("event_metadata", Nested(Deep))), Invalid),
        new("deep usage", () => Text(With("usage", Nested(Deep))), Invalid),
        new("large metadata", () => Text(With("event_metadata", $$"""{"x":"{{new string('x', 17 * 1024)}}"}""")), Invalid, "event_metadata"),
        new("control character", () => Text(With("id", "\"a\\u0001b\"")), Invalid, "id"),
        new("raw control character", () => Text(With("id", "\"a\u0001b\"")), Malformed),
        new("NUL", () => Text(With("customer_id", "\"a\\u0000b\"")), Invalid, "customer_id"),
        new("lone surrogate", () => Text(With("run_id", "\"\\ud800\"")), Invalid, "run_id"),
        new("invalid UTF-8", () => Bytes([.. "[{\"id\":\""u8, 0xC3, 0x28, 0xFF, .. "\"}]"u8]), Invalid, "id"),
        new("id of 1 MB", () => Text(With("id", $"\"{new string('i', MiB)}\"")), Invalid, "id"),
        new("labels of 1 MB", () => Text(Labels()), Invalid, "run_id", "span_id", "section", "provider", "model", "customer_id"),
        new("time of another century", () => Text(With("occurred_at", "\"1999-01-01T00:00:00Z\"")), Invalid, "occurred_at"),
        new("65 MiB", () => Large(65), TooLarge) { AsksFirst = true },
        new("65 MiB, chunked", () => Large(65, chunked: true), TooLarge),
    ];

    /// <summary>Odd, but no fault: what is not kept, or rounds to nothing, harms nobody.</summary>
    public static IEnumerable<HostileBody> Harmless =>
    [
        new("tiny cost", () => Text(With("cost_usd", "1e-999999999999")), HttpStatusCode.Created),
        new("NUL in metadata", () => Text(With("event_metadata", """{"x":"a\u0000b"}""")), HttpStatusCode.Created),
        new("lone surrogate in a name", () => Text(With("event_metadata", """{"\udc00":1}""")), HttpStatusCode.Created),
        new("blank array", () => Large(1), HttpStatusCode.Created),
    ];

    private static readonly string[] WrongFields =
    [
        "id", "run_id", "span_id", "parent_span_id", "section", "section_path", "span_type", "provider", "endpoint", "model", "customer_id",
        "input_tokens", "output_tokens", "cached_tokens", "cost_usd", "latency_ms", "status", "is_streaming", "stream_cancelled",
        "event_metadata", "semantic_label", "occurred_at", "usage",
    ];

    /// <summary>A body that many gzip bytes fewer stand for.</summary>
    private static byte[] Bomb(int mebibytes)
    {
        using var bomb = new MemoryStream();
        using (var gzip = new GZipStream(bomb, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write("["u8);
            var blank = new byte[MiB];
            blank.AsSpan().Fill((byte)' ');
            for (var i = 0; i < mebibytes; i++)
            {
                gzip.Write(blank);
            }

            gzip.Write("]"u8);
        }

        return bomb.ToArray();
    }

    private static string With(string field, string json)
    {
        var call = Harness.Events.Call($"{field}-{json.Length}");
        call[field] = "@@";
        return $"[{call.ToJsonString().Replace("\"@@\"", json, StringComparison.Ordinal)}]";
    }

    private static string WrongTypes() =>
        $"[{{{string.Join(',', WrongFields.Select(field => $"\"{field}\":[{{}}]"))}}}]";

    private static string Negative()
    {
        var call = Harness.Events.Call("hostile");
        foreach (var field in (string[])["input_tokens", "output_tokens", "cached_tokens", "cost_usd", "latency_ms"])
        {
            call[field] = -1;
        }

        return $"[{call.ToJsonString()}]";
    }

    private static string Labels()
    {
        var call = Harness.Events.Call("hostile");
        foreach (var field in (string[])["run_id", "span_id", "section", "provider", "model", "customer_id"])
        {
            // Together they stay under what one event may take, so that each is looked at.
            call[field] = new string('x', MiB / 6);
        }

        return $"[{call.ToJsonString()}]";
    }

    private static string Nested(int depth) => string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);

    private static HttpContent Large(int mebibytes, bool chunked = false)
    {
        var body = new byte[mebibytes * MiB];
        body.AsSpan().Fill((byte)' ');
        body[0] = (byte)'[';
        body[^1] = (byte)']';
        HttpContent content = chunked ? new StreamContent(new MemoryStream(body)) : new ByteArrayContent(body);
        if (chunked)
        {
            content.Headers.ContentLength = null;
        }

        return Json(content);
    }

    private static HttpContent Text(string text) => Bytes(Encoding.UTF8.GetBytes(text));

    private static HttpContent Bytes(byte[] bytes) => Json(new ByteArrayContent(bytes));

    private static HttpContent Gzip(byte[] bytes) => Encoded(Bytes(bytes), "gzip");

    private static HttpContent Encoded(HttpContent content, string encoding)
    {
        content.Headers.ContentEncoding.Add(encoding);
        return content;
    }

    private static HttpContent Json(HttpContent content)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private static byte[] Compress(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return stream.ToArray();
    }
}
