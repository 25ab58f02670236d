using System.CommandLine;

namespace LlmObserve.Silo;

/// <summary><c>health</c>: asks a running server how it is. A container has no other program that could.</summary>
internal static class HealthCommand
{
    /// <summary>The server finds out in two seconds; a busy machine needs some more to start this program.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var url = new Option<string>("--url")
        {
            Description = "What to ask; everything but a 2xx answer ends with 1",
            DefaultValueFactory = _ => $"{ServerOptions.Default.Urls}/health/ready",
        };
        url.Validators.Add(result =>
        {
            if (!Uri.TryCreate(result.GetValueOrDefault<string>(), UriKind.Absolute, out var asked) || asked.Scheme is not ("http" or "https"))
            {
                result.AddError($"--url must be an address like {ServerOptions.Default.Urls}/health/ready.");
            }
        });
        var command = new Command("health", "Ask a running server whether it can work") { url };
        command.SetAction((result, cancellationToken) => AskAsync(new Uri(result.GetRequiredValue(url)), cancellationToken));
        return command;
    }

    private static async Task<int> AskAsync(Uri url, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = s_patience };
        try
        {
            using var answer = await http.GetAsync(url, cancellationToken);
            await Console.Out.WriteLineAsync($"{url} answers {(int)answer.StatusCode}.");
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception silent) when (silent is HttpRequestException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"{url} does not answer: {silent.Message}");
            return 1;
        }
    }
}
