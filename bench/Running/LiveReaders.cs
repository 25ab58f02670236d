using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace LlmObserve.Bench.Running;

/// <summary>Open streams of <c>GET /live</c>, each a connection of its own, that read what comes.</summary>
internal sealed class LiveReaders : IAsyncDisposable
{
    /// <summary>At once while opening: more than the queue of a listening socket may be refused.</summary>
    private const int OpenedAtOnce = 50;

    /// <summary>Far more than the second that a message may be late.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>After the last connection is gone, until the server has noticed.</summary>
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);

    private readonly List<Reader> _readers = [];
    private readonly TimeProvider _time;

    private LiveReaders(TimeProvider time) => _time = time;

    /// <summary>The most messages that one of them got in any second.</summary>
    public int MostInASecond => _readers.Max(reader => reader.MostInASecond);

    /// <summary>Of all of them.</summary>
    public long Messages => _readers.Sum(reader => reader.Messages);

    /// <summary>Opens them; when this returns, each has had its first event.</summary>
    public static async Task<LiveReaders> OpenAsync(Uri server, string bearer, int count, TimeProvider time, CancellationToken cancellationToken)
    {
        var readers = new LiveReaders(time);
        while (readers._readers.Count < count)
        {
            readers._readers.AddRange(await Task.WhenAll(
                Enumerable.Range(0, Math.Min(OpenedAtOnce, count - readers._readers.Count)).Select(_ => Reader.OpenAsync(server, bearer, cancellationToken))));
        }

        return readers;
    }

    /// <summary>Waits until each knows of so many events.</summary>
    public async Task HaveReadAsync(long events, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        while (_readers.Any(reader => reader.LastSeq < events))
        {
            if (_time.GetElapsedTime(started) > s_patience)
            {
                throw new InvalidOperationException($"A stream knows of {_readers.Min(reader => reader.LastSeq):N0} events and not of {events:N0}.");
            }

            await Task.Delay(s_look, _time, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var reader in _readers)
        {
            reader.Dispose();
        }

        await Task.Delay(s_rest, _time);
    }

    private sealed class Reader : IDisposable
    {
        private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp);
        private readonly Queue<DateTimeOffset> _second = new();
        private StreamReader _lines = StreamReader.Null;
        private long _lastSeq;

        public long LastSeq => Volatile.Read(ref _lastSeq);

        public int MostInASecond { get; private set; }

        public long Messages { get; private set; }

        public static async Task<Reader> OpenAsync(Uri server, string bearer, CancellationToken cancellationToken)
        {
            var reader = new Reader();
            await reader._socket.ConnectAsync(server.Host, server.Port, cancellationToken);
            // HTTP/1.0: an answer without chunks.
            await reader._socket.SendAsync(
                Encoding.ASCII.GetBytes($"GET /live HTTP/1.0\r\nHost: {server.Authority}\r\nAuthorization: Bearer {bearer}\r\n\r\n"), cancellationToken);
            reader._lines = new StreamReader(new NetworkStream(reader._socket), Encoding.UTF8, detectEncodingFromByteOrderMarks: false, bufferSize: 1 << 10);
            if (await reader._lines.ReadLineAsync(cancellationToken) is not { } status || !status.Contains(" 200 ", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"A stream is refused: {await reader._lines.ReadToEndAsync(cancellationToken)}");
            }

            while (await reader._lines.ReadLineAsync(cancellationToken) is { } line && !line.StartsWith("data: ", StringComparison.Ordinal))
            {
                // The head, and what stands before the first event's data.
            }

            _ = reader.ReadAsync();
            return reader;
        }

        public void Dispose() => _socket.Dispose();

        private async Task ReadAsync()
        {
            try
            {
                while (await _lines.ReadLineAsync() is { } line)
                {
                    if (line.StartsWith("data: ", StringComparison.Ordinal))
                    {
                        Note(line);
                    }
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // Closed by us; where it was not, the last event never comes, and that is noticed.
            }
        }

        // data: {"last_seq":1200,"at":"2026-11-21T22:00:01.125Z",…
        private void Note(string line)
        {
            var parts = line.Split([':', ','], 4);
            var at = DateTimeOffset.Parse(line.Split("\"at\":\"")[1].Split('"')[0], CultureInfo.InvariantCulture);
            while (_second.TryPeek(out var first) && at - first >= TimeSpan.FromSeconds(1))
            {
                _second.Dequeue();
            }

            _second.Enqueue(at);
            MostInASecond = Math.Max(MostInASecond, _second.Count);
            Messages++;
            Volatile.Write(ref _lastSeq, long.Parse(parts[2], CultureInfo.InvariantCulture));
        }
    }
}
