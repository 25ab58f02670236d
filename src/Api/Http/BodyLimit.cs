using Microsoft.AspNetCore.Http.Metadata;

namespace LlmObserve.Api.Http;

/// <summary>The most that the HTTP server reads of a route's body, whether a handler wants it or not.</summary>
/// <param name="Bytes">As sent, before decompression.</param>
internal sealed record BodyLimit(long Bytes) : IRequestSizeLimitMetadata
{
    /// <summary>
    /// For every route that says nothing else. Handlers of JSON stop at <see cref="JsonFields.MaxBodyBytes"/> by themselves; the rest of such a body is
    /// read and dropped up to this, so that a client that is still sending sees why it was refused. Beyond, the connection is closed.
    /// </summary>
    public const long DefaultBytes = 1024 * 1024;

    long? IRequestSizeLimitMetadata.MaxRequestBodySize => Bytes;
}
