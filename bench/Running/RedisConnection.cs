using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LlmObserve.Bench.Running;

/// <summary>Redis' protocol on a plain socket, one command after the other.</summary>
internal sealed class RedisConnection : IDisposable
{
    // Answers here are numbers, OK, or a script's digest.
    private const int BufferBytes = 4 << 10;

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[BufferBytes];

    private RedisConnection()
    {
    }

    public static async Task<RedisConnection> OpenAsync(int port, CancellationToken cancellationToken)
    {
        var connection = new RedisConnection();
        await connection._socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        return connection;
    }

    /// <summary>The bytes of a command: <c>*2\r\n$4\r\nPING\r\n$2\r\nhi\r\n</c>.</summary>
    public static byte[] Command(params IReadOnlyCollection<string> words) => Encoding.UTF8.GetBytes(
        $"*{words.Count}\r\n{string.Concat(words.Select(static word => $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n"))}");

    /// <summary>Sends a command and waits for its answer, a short one. An error throws.</summary>
    /// <returns>The answer as it came; valid until the next command.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(ReadOnlyMemory<byte> command, CancellationToken cancellationToken)
    {
        await _socket.SendAsync(command, cancellationToken);
        var length = 0;
        do
        {
            var received = await _socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
            length += received;
            if (received == 0 || _buffer[0] == '-')
            {
                throw new InvalidOperationException($"Redis answers: {Encoding.UTF8.GetString(_buffer, 0, length)}");
            }
        }
        while (!IsComplete(_buffer.AsSpan(0, length)));

        return _buffer.AsMemory(0, length);
    }

    public async Task<string> AskAsync(IReadOnlyCollection<string> words, CancellationToken cancellationToken) =>
        Encoding.UTF8.GetString((await AskAsync(Command(words), cancellationToken)).Span).TrimEnd().Split("\r\n")[^1].TrimStart('+', ':');

    public void Dispose() => _socket.Dispose();

    // A line; of a text the length first: "+OK\r\n", ":1\r\n", "$40\r\n<40 bytes>\r\n".
    private static bool IsComplete(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n"u8);
        return end >= 0 && (answer[0] != '$' || answer.Length >= end + 2 + int.Parse(answer[1..end]) + 2);
    }
}
