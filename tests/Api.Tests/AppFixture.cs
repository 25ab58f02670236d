using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using LlmObserve.Grains.Interfaces.Users;
using LlmObserve.Mail;
using LlmObserve.Silo;
using LlmObserve.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Orleans;

namespace LlmObserve.Api.Tests;

/// <summary>
/// The API as the program composes it — grains, stores, a real PostgreSQL with a database of its own — in this process on a free port. One a
/// test class: <c>IClassFixture&lt;AppFixture&gt;</c>. Tests keep apart by signing up accounts of their own.
/// </summary>
public class AppFixture : IAsyncLifetime
{
    private static int s_people;

    private readonly PostgresFixture _postgres = new();
    private readonly string _data = Directory.CreateTempSubdirectory("llmobserve-api-test-").FullName;
    private NpgsqlDataSource? _database;
    private WebApplication? _app;

    /// <summary>Where the API listens.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>A client without credentials.</summary>
    public HttpClient Anyone { get; private set; } = null!;

    /// <summary>The API's services.</summary>
    public IServiceProvider Services => _app!.Services;

    /// <summary>What it mails.</summary>
    public SentMails Mails { get; } = new();

    /// <summary>Counts how often passwords are hashed.</summary>
    internal CountingHasher Hasher { get; } = new();

    /// <summary>All tests come from one address.</summary>
    protected virtual IReadOnlyDictionary<string, string?> Environment { get; } = new Dictionary<string, string?>
    {
        ["LLMOBSERVE_SIGNUPS_PER_IP_HOUR"] = "10000",
        ["LLMOBSERVE_SIGNIN_FAILURES_PER_IP"] = "10000",
        ["LLMOBSERVE_MAILS_PER_IP_HOUR"] = "10000",
    };

    /// <summary>The API's database, for tests that look at what is stored.</summary>
    public NpgsqlDataSource Database => _database!;

    public virtual async Task InitializeAsync()
    {
        await _postgres.InitializeAsync();
        var connectionString = await _postgres.CreateDatabaseAsync();
        _database = NpgsqlDataSource.Create(connectionString);
        await Silo.Database.PrepareAsync(_database, NullLoggerFactory.Instance, CancellationToken.None);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var signingKey = await DataDirectory.Open(_data).SigningKeyAsync(null, CancellationToken.None);
        builder.Configuration.AddInMemoryCollection(Environment);
        var environment = ServerEnvironment.Read(builder.Configuration, ServerOptions.Default, Path.Combine(_data, "mail"));
        var server = new ApiServer(ServerOptions.Default, environment, _database, connectionString, signingKey);
        builder.Services.AddSingleton<IPasswordHasher<object>>(Hasher);
        server.Add(builder);
        builder.Services.AddSingleton<IMailDelivery>(Mails);
        Replace(builder.Services);
        _app = builder.Build();
        await server.PrepareAsync(_app.Services, CancellationToken.None);
        _app.MapApi();
        await _app.StartAsync();
        Address = new Uri(_app.Urls.First());
        Anyone = new HttpClient { BaseAddress = Address };
    }

    public virtual async Task DisposeAsync()
    {
        Anyone?.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        Directory.Delete(_data, recursive: true);
    }

    /// <summary>Takes the place of services.</summary>
    protected virtual void Replace(IServiceCollection services)
    {
    }

    /// <summary>Signs up somebody new, with an account and a key of their own.</summary>
    public Task<TestPerson> SignUpAsync() => SignUpAsync($"person{Interlocked.Increment(ref s_people)}@example.com");

    /// <summary>Signs up somebody with this address.</summary>
    public async Task<TestPerson> SignUpAsync(string email)
    {
        using var response = await Anyone.PostAsJsonAsync("/auth/signup", new { email, password = TestPerson.Password });
        response.EnsureSuccessStatusCode();
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return new TestPerson(
            this,
            email,
            body.RootElement.GetProperty("token").GetString()!,
            body.RootElement.GetProperty("api_key").GetProperty("key").GetString()!);
    }

    /// <summary>Signs somebody in once more: another device of theirs.</summary>
    public Task<JsonElement> SignInAsync(string email, string password = TestPerson.Password) =>
        Anyone.PostAsJsonAsync("/auth/login", new { email, password }).JsonAsync();

    /// <summary>Changes rows behind the server's back, as time and accidents do.</summary>
    public async Task ExecuteAsync(string sql, params object[] values)
    {
        await using var command = Database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await command.ExecuteNonQueryAsync();
    }

    /// <summary>One value of the database.</summary>
    public async Task<T> ScalarAsync<T>(string sql, params object[] values)
    {
        await using var command = Database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Tells the user's grain of rows that were changed behind the server's back.</summary>
    public Task RefreshUserAsync(string id) => Services.GetRequiredService<IGrainFactory>().GetGrain<IUserGrain>(id).RefreshAsync();

    /// <summary>A client that sends this bearer token.</summary>
    public HttpClient With(string token)
    {
        var client = new HttpClient { BaseAddress = Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}

/// <summary>Somebody who has signed up.</summary>
public sealed class TestPerson(AppFixture app, string email, string token, string key) : IDisposable
{
    public const string Password = "correct horse battery";

    public string Email => email;

    public string Key => key;

    /// <summary>Sends the session token.</summary>
    public HttpClient Session { get; } = app.With(token);

    /// <summary>Sends the API key of the sign-up: scopes <c>ingest</c> and <c>check</c>.</summary>
    public HttpClient Sdk { get; } = app.With(key);

    public void Dispose()
    {
        Session.Dispose();
        Sdk.Dispose();
    }
}

/// <summary>JSON answers in tests.</summary>
internal static class JsonAnswers
{
    /// <summary>The body, after a look at the status.</summary>
    public static async Task<JsonElement> JsonAsync(this Task<HttpResponseMessage> request, int status = 200)
    {
        using var response = await request;
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} instead of {status}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static long Number(this JsonElement element, string name) => element.GetProperty(name).GetInt64();
}
