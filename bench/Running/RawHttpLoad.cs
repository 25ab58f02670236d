using System.Net.Sockets;
using System.Text;

namespace LlmObserve.Bench.Running;

/// <summary>In place of wrk: the same bytes over and over on plain sockets, with no more parsing than finding an answer's end.</summary>
internal static class RawHttpLoad
{
    // Far more than any answer that is asked for here.
    private const int BufferBytes = 64 << 10;

    public static async Task<double> RunAsync(HttpLoad load, TimeSpan duration, TimeProvider time, CancellationToken cancellationToken)
    {
        var authorization = load.Bearer is null ? "" : $"Authorization: Bearer {load.Bearer}\r\n";
        var request = Encoding.ASCII.GetBytes($"GET {load.Url.PathAndQuery} HTTP/1.1\r\nHost: {load.Url.Authority}\r\n{authorization}\r\n");
        var started = time.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, load.ConnectionCount).Select(_ => Task.Run(
            async () =>
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(load.Url.Host, load.Url.Port, cancellationToken);
                var buffer = new byte[BufferBytes];
                long count = 0;
                for (; time.GetElapsedTime(started) < duration; count++)
                {
                    await socket.SendAsync(request, cancellationToken);
                    await ReceiveAsync(socket, buffer, load, cancellationToken);
                }

                return count;
            },
            cancellationToken)));
        return counts.Sum() / time.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task ReceiveAsync(Socket socket, byte[] buffer, HttpLoad load, CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            length += received;
            if (received == 0 || !buffer.AsSpan(0, length).StartsWith("HTTP/1.1 2"u8))
            {
                throw new InvalidOperationException(
                    $"GET {load.Url.PathAndQuery} answers: {Encoding.UTF8.GetString(buffer, 0, Math.Min(length, 400))}");
            }

            if (IsComplete(buffer.AsSpan(0, length)))
            {
                return;
            }
        }
    }

    private static bool IsComplete(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        var body = answer[(end + 4)..];
        var at = answer[..end].IndexOf("Content-Length: "u8);
        if (at < 0)
        {
            // Chunked: the last chunk is empty.
            return body.EndsWith("0\r\n\r\n"u8);
        }

        var digits = answer[(at + "Content-Length: "u8.Length)..];
        return body.Length >= int.Parse(digits[..digits.IndexOf((byte)'\r')]);
    }
}
