using LlmObserve.Testing;
using Npgsql;

namespace LlmObserve.EndToEnd.Tests.Harness;

/// <summary>A data directory of one test, seen from beside the server: the PostgreSQL on it, and a place for other files.</summary>
public sealed class ServerFolder : IAsyncDisposable
{
    private readonly TemporaryData _data = TemporaryData.Create();

    /// <summary>What goes behind <c>--data</c>. The server makes it.</summary>
    public string Data => _data.Path;

    /// <summary>A place for anything else of the test.</summary>
    public string Scratch => Directory.CreateDirectory(Path.Combine(Data, "scratch")).FullName;

    /// <summary>The private PostgreSQL's process, or null where none runs.</summary>
    public int? PostgresProcess => Postmaster() is { } lines && int.TryParse(lines[0], out var id) && Signals.IsAlive(id) ? id : null;

    /// <summary>A new one, empty.</summary>
    public static ServerFolder Create() => new();

    /// <summary>Says that a server belongs here, so that it ends with the folder.</summary>
    public void Own(int process) => _data.Own(process);

    /// <summary>How to reach the private PostgreSQL beside its server.</summary>
    public string ConnectionString()
    {
        var lines = Postmaster() ?? throw new InvalidOperationException($"No PostgreSQL runs in {Data}.");
        return new NpgsqlConnectionStringBuilder
        {
            Host = lines[4].Trim() is { Length: > 0 } socket ? socket : "127.0.0.1",
            Port = int.Parse(lines[3]),
            Username = "llmobserve",
            Password = File.ReadAllText(Path.Combine(Data, "postgres", "password")).Trim(),
            Database = "llmobserve",
            Pooling = false,
        }.ConnectionString;
    }

    public ValueTask DisposeAsync()
    {
        _data.Dispose();
        return ValueTask.CompletedTask;
    }

    // Lines: process, data directory, start, port, socket directory, address.
    private string[]? Postmaster()
    {
        var location = Path.Combine(Data, "postgres", "location");
        var server = File.Exists(location) ? File.ReadAllText(location).Trim() : Path.Combine(Data, "postgres", "server");
        var file = Path.Combine(server, "db", "postmaster.pid");
        return File.Exists(file) && File.ReadAllLines(file) is { Length: > 4 } lines ? lines : null;
    }
}
