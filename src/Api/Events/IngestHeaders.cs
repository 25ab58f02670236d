using System.Globalization;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Faults;
using Microsoft.Extensions.Primitives;

namespace LlmObserve.Api.Events;

/// <summary>What the headers of a request with events say.</summary>
/// <param name="Discount">Scales what the price book computes; 1 for none.</param>
/// <param name="IsLines">One event a line, not an array.</param>
/// <param name="IsGzip">Compressed.</param>
/// <param name="SkewSeconds">How far the client's clock is ahead of ours, where that is too far.</param>
internal sealed record IngestHeaders(decimal Discount, bool IsLines, bool IsGzip, decimal? SkewSeconds)
{
    private const string BatchApi = "X-LLMObserve-Batch-API";
    private const string DiscountHeader = "X-LLMObserve-Discount";
    private const string TimestampHeader = "X-LLMObserve-Timestamp";

    /// <summary>Beyond it the client's <c>occurred_at</c> will be refused or count in a wrong hour.</summary>
    private const decimal MaxSkewSeconds = 300;

    /// <summary>The year 33,658: a number beyond it is no time.</summary>
    private const decimal MaxTimestamp = 1_000_000_000_000;

    /// <summary>The headers, or the problem to answer with.</summary>
    public static (IngestHeaders? Headers, Problem? Problem) Read(HttpRequest request, DateTimeOffset now)
    {
        var isLines = MediaTypes.IsJsonLines(request.ContentType);
        if (!isLines && !MediaTypes.IsJson(request.ContentType))
        {
            return (null, Problems.UnsupportedMediaType("Events are sent as application/json or application/x-ndjson, in UTF-8."));
        }

        if (!TryReadEncoding(request.Headers.ContentEncoding, out var isGzip))
        {
            request.HttpContext.Response.Headers.AcceptEncoding = "gzip";
            return (null, Problems.UnsupportedMediaType("The Content-Encoding is not supported: send gzip, or none."));
        }

        return TryReadDiscount(request.Headers, out var discount)
            ? (new IngestHeaders(discount, isLines, isGzip, Skew(request, now)), null)
            : (null, Problems.BadHeader(
                [new Fault(DiscountHeader, FaultCodes.OutOfRange, $"{DiscountHeader} must be a number above 0, at most 1.")]));
    }

    private static bool TryReadEncoding(StringValues header, out bool isGzip)
    {
        var encoding = header.ToString();
        isGzip = encoding.Equals("gzip", StringComparison.OrdinalIgnoreCase) || encoding.Equals("x-gzip", StringComparison.OrdinalIgnoreCase);
        return isGzip || encoding.Length == 0 || encoding.Equals("identity", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A discount without the word that it is a batch means nothing, and a batch without one has none.</summary>
    private static bool TryReadDiscount(IHeaderDictionary headers, out decimal discount)
    {
        discount = 1m;
        var isBatch = headers[BatchApi].ToString().Equals("true", StringComparison.OrdinalIgnoreCase);
        var text = headers[DiscountHeader].ToString();
        if (!isBatch || text.Length == 0)
        {
            return true;
        }

        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out discount)
            && discount is > 0 and <= 1;
    }

    /// <summary>A time that cannot be read is no reason to refuse events: it is only there to find clocks that are wrong.</summary>
    private static decimal? Skew(HttpRequest request, DateTimeOffset now)
    {
        var text = request.Headers[TimestampHeader].ToString();
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) || seconds > MaxTimestamp)
        {
            return null;
        }

        var skew = seconds - now.ToUnixTimeSeconds();
        return Math.Abs(skew) > MaxSkewSeconds ? skew : null;
    }
}
