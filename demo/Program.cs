using System.CommandLine;
using System.Security.Cryptography;
using LlmObserve.Demo;

var url = new Option<string>("--url")
{
    Description = "The server's API",
    DefaultValueFactory = _ => "http://localhost:8000",
};
var root = new RootCommand("Plays a small company against a running LLMObserve server, through its public API only.") { url };
root.SetAction(async (result, cancellationToken) =>
{
    try
    {
        return Uri.TryCreate(result.GetRequiredValue(url), UriKind.Absolute, out var address) && address.Scheme is ("http" or "https")
            ? await PlayAsync(address, cancellationToken)
            : throw new DemoException($"'{result.GetRequiredValue(url)}' is not an address like http://localhost:8000.");
    }
    catch (DemoException failed)
    {
        await Console.Error.WriteLineAsync(failed.Message);
        return 1;
    }
});
return await root.Parse(args).InvokeAsync();

static async Task<int> PlayAsync(Uri address, CancellationToken cancellationToken)
{
    using var api = new Api(address);
    var email = $"demo-{RandomNumberGenerator.GetHexString(8, lowercase: true)}@example.com";
    var password = RandomNumberGenerator.GetHexString(24, lowercase: true);
    await api.SignUpAsync(email, password, cancellationToken);
    Console.WriteLine($"Signed up as {email}. Three customers, two agents; {Company.Limited} has a hard limit.\n");

    var screen = new Screen(Console.Out, !Console.IsOutputRedirected);
    var denied = await new Play(api, screen, TimeProvider.System).RunAsync(cancellationToken);

    Console.WriteLine(
        denied
            ? $"\n{screen.Denied!.Customer} was denied its next call after {screen.Denied.At.TotalSeconds:0} seconds; the other customers went on."
            : "\nThe hard limit denied nothing. That is wrong: look at the server's log.");
    Console.WriteLine($"Look further as {email}, password {password}, API key {api.Key}");
    return denied ? 0 : 1;
}
