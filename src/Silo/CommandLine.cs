using System.CommandLine;

namespace LlmObserve.Silo;

/// <summary>The commands of the executable.</summary>
internal static class CommandLine
{
    public static RootCommand Create()
    {
        var urls = new Option<string>("--urls")
        {
            Description = "The API's address",
            DefaultValueFactory = _ => ServerOptions.Default.Urls,
        };
        var webUrls = new Option<string>("--web-urls")
        {
            Description = "The dashboard's address",
            DefaultValueFactory = _ => ServerOptions.Default.WebUrls,
        };
        var data = new Option<string>("--data")
        {
            Description = "The directory that keeps everything",
            DefaultValueFactory = _ => ServerOptions.Default.Data,
        };
        var root = new RootCommand("LLMObserve: what language models cost, as it happens, and caps that hold.")
        {
            urls, webUrls, data, PricesCommand.Create(data),
        };
        root.SetAction(result => RunCommand.RunAsync(
            new ServerOptions(result.GetRequiredValue(urls), result.GetRequiredValue(webUrls), result.GetRequiredValue(data))));
        return root;
    }
}
