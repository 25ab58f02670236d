using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace LlmObserve.Testing;

/// <summary>
/// A wire between a program and PostgreSQL that can be cut where it hurts. It passes bytes on until it is told to lose a reply, to lose a
/// request, or to let nobody through.
/// </summary>
public sealed class CuttingProxy : IAsyncDisposable
{
    private const int BufferSize = 64 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<CancellationToken, Task<Stream>> _connect;
    private readonly HashSet<Wire> _wires = [];
    private readonly Task _accepting;
    private byte[]? _cutAfterRequestWith;
    private byte[]? _cutBeforeRequestWith;
    private TaskCompletionSource _cut = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _refusing;

    /// <summary>Stands before the server of a connection string.</summary>
    public CuttingProxy(string connectionString)
    {
        var target = new NpgsqlConnectionStringBuilder(connectionString);
        _connect = token => ConnectAsync(target, token);
        _listener.Start();
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
            SslMode = SslMode.Disable,
        }.ConnectionString;
        _accepting = AcceptAsync();
    }

    /// <summary>The same database, reached through this wire.</summary>
    public string ConnectionString { get; }

    /// <summary>
    /// The next request that holds these bytes reaches the server and is carried out; its reply is lost and the connection is cut.
    /// </summary>
    /// <returns>Ends when that has happened.</returns>
    public Task LoseReplyTo(string marker)
    {
        _cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _cutAfterRequestWith, System.Text.Encoding.UTF8.GetBytes(marker));
        return _cut.Task;
    }

    /// <summary>The next request that holds these bytes is lost before the server sees it, and the connection is cut.</summary>
    /// <returns>Ends when that has happened.</returns>
    public Task LoseRequest(string marker)
    {
        _cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _cutBeforeRequestWith, System.Text.Encoding.UTF8.GetBytes(marker));
        return _cut.Task;
    }

    /// <summary>Cuts every connection and lets nobody through until <see cref="Restore"/>: as if the server were gone.</summary>
    public void Refuse()
    {
        _refusing = true;
        lock (_wires)
        {
            foreach (var wire in _wires)
            {
                wire.Cut();
            }
        }
    }

    /// <summary>Lets connections through again.</summary>
    public void Restore() => _refusing = false;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Refuse();
        await _accepting;
        _stop.Dispose();
    }

    private static async Task<Stream> ConnectAsync(NpgsqlConnectionStringBuilder target, CancellationToken cancellationToken)
    {
        var isUnix = target.Host!.StartsWith('/');
        var socket = isUnix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        EndPoint end = isUnix ? new UnixDomainSocketEndPoint($"{target.Host}/.s.PGSQL.{target.Port}") : new DnsEndPoint(target.Host, target.Port);
        await socket.ConnectAsync(end, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                client.NoDelay = true;
                if (_refusing)
                {
                    client.Dispose();
                    continue;
                }

                _ = CarryAsync(client);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        try
        {
            var wire = new Wire(client.GetStream(), await _connect(_stop.Token));
            lock (_wires)
            {
                _wires.Add(wire);
            }

            await Task.WhenAll(RequestsAsync(wire), RepliesAsync(wire));
            lock (_wires)
            {
                _wires.Remove(wire);
            }
        }
        catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException)
        {
            client.Dispose();
        }
    }

    private async Task RequestsAsync(Wire wire)
    {
        var buffer = new byte[BufferSize];
        try
        {
            int read;
            while ((read = await wire.Client.ReadAsync(buffer)) > 0)
            {
                if (Holds(buffer.AsSpan(0, read), ref _cutBeforeRequestWith))
                {
                    wire.Cut();
                    _cut.TrySetResult();
                    return;
                }

                wire.LosesReply |= Holds(buffer.AsSpan(0, read), ref _cutAfterRequestWith);
                await wire.Server.WriteAsync(buffer.AsMemory(0, read));
            }
        }
        catch (Exception broken) when (broken is IOException or SocketException or ObjectDisposedException)
        {
            // Either side hung up.
        }

        wire.Cut();
    }

    private async Task RepliesAsync(Wire wire)
    {
        var buffer = new byte[BufferSize];
        try
        {
            int read;
            while ((read = await wire.Server.ReadAsync(buffer)) > 0)
            {
                // ReadyForQuery ('Z', length 5, status) ends a reply: by then the transaction has ended too.
                if (wire.LosesReply && buffer.AsSpan(0, read).IndexOf("Z\0\0\0\u0005I"u8) >= 0)
                {
                    break;
                }

                if (!wire.LosesReply)
                {
                    await wire.Client.WriteAsync(buffer.AsMemory(0, read));
                }
            }
        }
        catch (Exception broken) when (broken is IOException or SocketException or ObjectDisposedException)
        {
            // Either side hung up.
        }

        wire.Cut();
        if (wire.LosesReply)
        {
            _cut.TrySetResult();
        }
    }

    private static bool Holds(ReadOnlySpan<byte> bytes, ref byte[]? marker)
    {
        var wanted = Volatile.Read(ref marker);
        return wanted is not null && bytes.IndexOf(wanted) >= 0 && Interlocked.CompareExchange(ref marker, null, wanted) == wanted;
    }

    private sealed class Wire(Stream client, Stream server)
    {
        public Stream Client { get; } = client;

        public Stream Server { get; } = server;

        public bool LosesReply { get; set; }

        public void Cut()
        {
            Client.Dispose();
            Server.Dispose();
        }
    }
}
