using System.Text.Json;
using System.Text.Json.Nodes;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Pages;

/// <summary>One server and one browser for all tests of the pages that stop neither.</summary>
[CollectionDefinition(Name)]
public sealed class PagesCollection : ICollectionFixture<DashboardFixture>
{
    public const string Name = "pages";
}

/// <inheritdoc cref="PagesCollection" />
public sealed class DashboardFixture : IAsyncLifetime
{
    private readonly RunningServer _running = new();
    private readonly Chromium _chromium = new();

    /// <summary>The server.</summary>
    public ServerProcess Server => _running.Server;

    /// <summary>How to reach its database past the server.</summary>
    public string Database => _running.Folder.ConnectionString();

    /// <inheritdoc />
    public Task InitializeAsync() => Task.WhenAll(_running.InitializeAsync(), _chromium.InitializeAsync());

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        await _chromium.DisposeAsync();
        await _running.DisposeAsync();
    }

    /// <summary>A window of a new person.</summary>
    public Task<Window> OpenAsync(bool dark = false, int width = 1360) => _chromium.OpenAsync(Server.Dashboard, dark, width);

    /// <summary>An address that nobody has.</summary>
    public string NewEmail() => $"ada-{Guid.NewGuid():N}@example.com";

    /// <summary>Somebody with an account of their own, signed in on the pages.</summary>
    internal async Task<(ApiClient Client, Window Window)> ArriveAsync(bool dark = false, int width = 1360)
    {
        var client = await ApiClient.SignUpAsync(Server);
        var window = await OpenAsync(dark, width);
        await window.SignInAsync(client.Account.Email, client.Account.Password);
        return (client, window);
    }

    /// <summary>The API for somebody who signed up on the page.</summary>
    internal async Task<ApiClient> ClientAsync(string email, string password, string key)
    {
        using var http = Server.Client();
        using var answer = await http.PostAsync(
            "auth/login", ApiClient.JsonContent(new JsonObject { ["email"] = email, ["password"] = password }.ToJsonString()));
        var token = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("token").GetString()!;
        return new ApiClient(Server, new Account(email, password, token, key));
    }
}
