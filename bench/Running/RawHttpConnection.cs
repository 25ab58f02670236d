using System.Net.Sockets;
using System.Text;

namespace LlmObserve.Bench.Running;

/// <summary>HTTP on a plain socket, one request after the other, with no more parsing than finding an answer's end.</summary>
internal sealed class RawHttpConnection : IDisposable
{
    // Far more than any answer that is asked for here.
    private const int BufferBytes = 64 << 10;

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[BufferBytes];

    private RawHttpConnection()
    {
    }

    public static async Task<RawHttpConnection> OpenAsync(Uri server, CancellationToken cancellationToken)
    {
        var connection = new RawHttpConnection();
        await connection._socket.ConnectAsync(server.Host, server.Port, cancellationToken);
        return connection;
    }

    /// <summary>Sends a request and waits for its answer. Any answer but 2xx throws.</summary>
    /// <returns>The answer with its head; valid until the next request.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        await _socket.SendAsync(request, cancellationToken);
        var length = 0;
        while (true)
        {
            var received = await _socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
            length += received;
            if (received == 0 || !_buffer.AsSpan(0, length).StartsWith("HTTP/1.1 2"u8))
            {
                throw new InvalidOperationException($"{FirstLine(request.Span)} answers: {Text(_buffer.AsSpan(0, length))}");
            }

            if (IsComplete(_buffer.AsSpan(0, length)))
            {
                return _buffer.AsMemory(0, length);
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>The beginning of an answer, to show.</summary>
    public static string Text(ReadOnlySpan<byte> answer) => Encoding.UTF8.GetString(answer[..Math.Min(answer.Length, 1_000)]);

    private static string FirstLine(ReadOnlySpan<byte> request) => Encoding.UTF8.GetString(request[..request.IndexOf((byte)'\r')]);

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
