using System.Diagnostics;
using System.Net;

namespace LlmObserve.EndToEnd.Tests.Harness;

/// <summary>How a server is started, beside its data directory.</summary>
/// <param name="ConnectionString">The PostgreSQL to use in place of the private one.</param>
/// <param name="Urls">The API's address.</param>
/// <param name="WebUrls">The dashboard's.</param>
/// <param name="Roles">What it does; null does not say, which is everything.</param>
public sealed record ServerSettings(
    string? ConnectionString = null, string Urls = "http://127.0.0.1:0", string WebUrls = "http://127.0.0.1:0", string? Roles = null)
{
    /// <summary>More of its environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}

/// <summary>The server as a user starts it: a process of its own, from the built program.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    // Ends the greeting, which names the addresses.
    private const string LastLine = "  Ctrl-C stops.";

    private readonly Process _process;
    private readonly ProcessOutput _out = new();
    private readonly ProcessOutput _error = new();
    private readonly Task<int> _exit;

    private ServerProcess(Process process)
    {
        _process = process;
        _exit = RunAsync();
    }

    /// <summary>Its process.</summary>
    public int Id => _process.Id;

    /// <summary>The API's address, once ready; null where it has none.</summary>
    public Uri Api { get; private set; } = null!;

    /// <summary>The dashboard's address, once ready; null where it has none.</summary>
    public Uri Dashboard { get; private set; } = null!;

    /// <summary>What it printed so far.</summary>
    public string Output => _out.Text;

    /// <summary>What it printed as errors so far.</summary>
    public string Errors => _error.Text;

    /// <summary>What it wrote about itself, for the message of a failed test.</summary>
    public string Log => $"Output:\n{Output}\nErrors:\n{Errors}";

    /// <summary>Starts one and waits until it serves.</summary>
    public static Task<ServerProcess> StartAsync(ServerFolder folder, ServerSettings? settings = null) =>
        Launch(folder, settings).ReadyAsync();

    /// <summary>Starts one without waiting.</summary>
    public static ServerProcess Launch(ServerFolder folder, ServerSettings? settings = null)
    {
        settings ??= new ServerSettings();
        var start = Programs.DotNet(
            Programs.Server,
            ["--urls", settings.Urls, "--web-urls", settings.WebUrls, "--data", folder.Data, .. settings.Roles is { } roles ? ["--roles", roles] : Array.Empty<string>()]);
        start.Environment["ConnectionStrings__LlmObserve"] = settings.ConnectionString;
        // Everybody signs up from this machine.
        start.Environment["LLMOBSERVE_SIGNUPS_PER_IP_HOUR"] = "100000";
        foreach (var (name, value) in settings.Environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.StandardInput.Close();
        folder.Own(process.Id);
        return new ServerProcess(process);
    }

    /// <summary>Waits until it has said where it listens, and says that it is ready.</summary>
    public async Task<ServerProcess> ReadyAsync()
    {
        if (await Wait.ForAsync(_out.FirstAsync(line => line == LastLine), () => $"the greeting. {Log}") is null)
        {
            throw new InvalidOperationException($"The server ended before it was ready. {Log}");
        }

        Api = Address("API")!;
        Dashboard = Address("Dashboard")!;
        if (Api is null)
        {
            return this;
        }

        using var http = Client();
        var status = "";
        await Wait.UntilAsync(
            async () =>
            {
                using var ready = await http.GetAsync("health/ready");
                status = $"{(int)ready.StatusCode} {await ready.Content.ReadAsStringAsync()}";
                return ready.StatusCode != HttpStatusCode.ServiceUnavailable;
            },
            () => $"/health/ready, which says {status}. {Log}");
        Assert.StartsWith("200 ", status, StringComparison.Ordinal);
        return this;
    }

    /// <summary>A client of the API, without credentials.</summary>
    public HttpClient Client() => new() { BaseAddress = Api, Timeout = Wait.Patience };

    /// <summary>Ends it as a crash would: nothing is finished, nothing is written.</summary>
    public async Task KillAsync()
    {
        Signals.Send("KILL", Id);
        await ExitAsync();
    }

    /// <summary>Asks it to stop, and gives its exit code.</summary>
    public Task<int> StopAsync()
    {
        Signals.Send("TERM", Id);
        return ExitAsync();
    }

    /// <summary>As Ctrl-C at its terminal, which may reach it more than once. Its exit code.</summary>
    public Task<int> InterruptAsync(int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            Signals.Send("INT", Id);
        }

        return ExitAsync();
    }

    /// <summary>Waits for its end.</summary>
    public Task<int> ExitAsync() => Wait.ForAsync(_exit, () => $"the server to end. {Log}");

    /// <summary>Its memory now, in bytes: what is in RAM of its own, without mapped files.</summary>
    public long ResidentBytes() => StatusBytes("RssAnon");

    /// <summary>The most memory that it ever had, in bytes.</summary>
    public long PeakBytes() => StatusBytes("VmHWM");

    /// <summary>Kills it where it still runs; its PostgreSQL goes with its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_exit.IsCompleted)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    // "  API        http://127.0.0.1:41873"
    private Uri? Address(string name) =>
        Output.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length > 1 && words[0] == name).Select(words => new Uri(words[1] + "/")).FirstOrDefault();

    // VmHWM:	  123456 kB
    private long StatusBytes(string name)
    {
        var line = File.ReadLines($"/proc/{Id}/status").First(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1]) * 1024;
    }

    private async Task<int> RunAsync()
    {
        await Task.WhenAll(ReadAsync(_process.StandardOutput, _out), ReadAsync(_process.StandardError, _error));
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    private static async Task ReadAsync(StreamReader from, ProcessOutput to)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            to.Add(line);
        }

        to.End();
    }
}
