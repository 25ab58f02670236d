namespace LlmObserve.Api.Http;

/// <summary>Reads a whole body into memory, up to a limit.</summary>
internal static class SmallBody
{
    private const int FirstBytes = 1024;

    public static async ValueTask<(ReadOnlyMemory<byte> Body, Problem? Problem)> ReadAsync(
        HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        if (request.ContentLength > maxBytes)
        {
            return (default, TooLarge(maxBytes));
        }

        var buffer = new byte[Math.Min(maxBytes, Math.Max(FirstBytes, (int)(request.ContentLength ?? 0))) + 1];
        var length = 0;
        int read;
        while ((read = await request.Body.ReadAsync(buffer.AsMemory(length), cancellationToken)) > 0)
        {
            length += read;
            if (length > maxBytes)
            {
                return (default, TooLarge(maxBytes));
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, Math.Min(buffer.Length * 2, maxBytes + 1));
            }
        }

        return (buffer.AsMemory(0, length), null);
    }

    private static Problem TooLarge(int maxBytes) => Problems.BodyTooLarge($"The body may have at most {maxBytes} bytes.");
}
