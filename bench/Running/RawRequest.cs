using System.Text;

namespace LlmObserve.Bench.Running;

/// <summary>The bytes of an HTTP request.</summary>
internal static class RawRequest
{
    public static byte[] Get(Uri url, string? bearer) => Make("GET", url, bearer, null);

    public static byte[] Delete(Uri url, string bearer) => Make("DELETE", url, bearer, null);

    public static byte[] Post(Uri url, string bearer, string json) => Make("POST", url, bearer, json);

    private static byte[] Make(string method, Uri url, string? bearer, string? json)
    {
        var authorization = bearer is null ? "" : $"Authorization: Bearer {bearer}\r\n";
        var content = json is null ? "" : $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n";
        return Encoding.UTF8.GetBytes($"{method} {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\n{authorization}{content}\r\n{json}");
    }
}
