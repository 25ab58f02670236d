using System.Net;
using System.Text.RegularExpressions;

namespace LlmObserve.EndToEnd.Tests.Harness;

/// <summary>A browser without scripts: keeps cookies, follows redirects, and sends a page's forms as they stand there.</summary>
internal sealed partial class Browser : IDisposable
{
    private readonly HttpClientHandler _handler = new() { CookieContainer = new CookieContainer() };
    private readonly HttpClient _http;

    public Browser(Uri dashboard) => _http = new HttpClient(_handler) { BaseAddress = dashboard, Timeout = Wait.Patience };

    /// <summary>The page as it was sent, with what is escaped in it.</summary>
    public string Source { get; private set; } = "";

    /// <summary>The page that it shows.</summary>
    public string Page { get; private set; } = "";

    /// <summary>What the page may run and ask.</summary>
    public string Policy { get; private set; } = "";

    /// <summary>What the page's copy buttons put into the clipboard.</summary>
    public IReadOnlyList<string> Commands => [.. CopyPattern().Matches(Source).Select(match => WebUtility.HtmlDecode(match.Groups["text"].Value))];

    /// <summary>Its address, without the host.</summary>
    public string Path { get; private set; } = "";

    /// <summary>The page's status.</summary>
    public HttpStatusCode Status { get; private set; }

    /// <summary>What the last answer said about cookies.</summary>
    public IReadOnlyList<string> SetCookies { get; private set; } = [];

    /// <summary>Its cookies for the dashboard.</summary>
    public IEnumerable<Cookie> Cookies => _handler.CookieContainer.GetCookies(_http.BaseAddress!);

    /// <summary>Puts a cookie there, as somebody who has copied it would.</summary>
    public void Take(Cookie cookie) => _handler.CookieContainer.Add(_http.BaseAddress!, new Cookie(cookie.Name, cookie.Value, "/"));

    /// <summary>The names of the page's forms.</summary>
    public IReadOnlyList<string> Forms => [.. HandlerPattern().Matches(Page).Select(match => match.Groups["text"].Value)];

    /// <summary>Whether the page says something.</summary>
    public bool Says(string text) => Page.Contains(text, StringComparison.Ordinal);

    public async Task OpenAsync(string path)
    {
        using var answer = await _http.GetAsync(new Uri(path, UriKind.RelativeOrAbsolute));
        await ShowAsync(answer);
    }

    /// <summary>Fills a form of the page and sends it; what the page has in it stays.</summary>
    public async Task SubmitAsync(string form, params (string Name, string Value)[] values)
    {
        var (action, fields) = Form(form);
        foreach (var (name, value) in values)
        {
            fields[name] = value;
        }

        await SendAsync(action, fields);
    }

    /// <summary>The same, with boxes of the form that are not ticked any more.</summary>
    public async Task SubmitWithoutAsync(string form, string[] unticked, params (string Name, string Value)[] values)
    {
        var (action, fields) = Form(form);
        foreach (var name in unticked)
        {
            Assert.True(fields.Remove(name), $"{name} is not ticked: {Page}");
        }

        foreach (var (name, value) in values)
        {
            fields[name] = value;
        }

        await SendAsync(action, fields);
    }

    /// <summary>Sends a form with nothing but what says which one it is.</summary>
    public async Task SubmitBareAsync(string form)
    {
        var (action, fields) = Form(form);
        await SendAsync(action, fields.Where(field => field.Key is "_handler" or "__RequestVerificationToken").ToDictionary());
    }

    /// <summary>A form of the page, as it stays in another tab while this one goes on.</summary>
    public (string Action, Dictionary<string, string> Fields) Keep(string form) => Form(form);

    /// <summary>Sends a form of that tab.</summary>
    public Task SubmitKeptAsync((string Action, Dictionary<string, string> Fields) form, params (string Name, string Value)[] values)
    {
        var fields = new Dictionary<string, string>(form.Fields, StringComparer.Ordinal);
        foreach (var (name, value) in values)
        {
            fields[name] = value;
        }

        return SendAsync(form.Action, fields);
    }

    /// <summary>Fills a form and sends it without the page's antiforgery token.</summary>
    public async Task ForgeAsync(string form, params (string Name, string Value)[] values)
    {
        var (action, fields) = Form(form);
        Assert.True(fields.Remove("__RequestVerificationToken"), Page);
        foreach (var (name, value) in values)
        {
            fields[name] = value;
        }

        await SendAsync(action, fields);
    }

    public void Dispose()
    {
        _http.Dispose();
        _handler.Dispose();
    }

    private async Task SendAsync(string action, Dictionary<string, string> fields)
    {
        using var content = new FormUrlEncodedContent(fields);
        using var answer = await _http.PostAsync(new Uri(action, UriKind.RelativeOrAbsolute), content);
        await ShowAsync(answer);
    }

    private async Task ShowAsync(HttpResponseMessage answer)
    {
        Source = await answer.Content.ReadAsStringAsync();
        Page = WebUtility.HtmlDecode(Source);
        Policy = answer.Headers.TryGetValues("Content-Security-Policy", out var policies) ? policies.Single() : "";
        Path = answer.RequestMessage!.RequestUri!.PathAndQuery;
        Status = answer.StatusCode;
        SetCookies = answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? [.. cookies] : [];
    }

    private (string Action, Dictionary<string, string> Fields) Form(string name)
    {
        var form = FormPattern().Matches(Page).Single(
            match => match.Value.Contains($"name=\"_handler\" value=\"{name}\"", StringComparison.Ordinal) || Action(match) == name);
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match field in FieldPattern().Matches(form.Value))
        {
            var tag = field.Groups["tag"].Value;
            if (NamePattern().Match(tag) is { Success: true } named && ValueOf(tag, field.Groups["content"].Value) is { } value)
            {
                fields[named.Groups["text"].Value] = value;
            }
        }

        return (Action(form) is { Length: > 0 } action ? action : Path, fields);
    }

    /// <summary>What a field sends as it stands; null: nothing.</summary>
    private static string? ValueOf(string tag, string content)
    {
        if (tag.StartsWith("<textarea", StringComparison.Ordinal))
        {
            return content;
        }

        if (tag.StartsWith("<select", StringComparison.Ordinal))
        {
            var options = OptionPattern().Matches(content);
            return options.Count == 0 ? null : ValuePattern().Match((options.FirstOrDefault(option => IsSet(option.Value, "selected")) ?? options[0]).Value).Groups["text"].Value;
        }

        var isChoice = tag.Contains("type=\"checkbox\"", StringComparison.Ordinal) || tag.Contains("type=\"radio\"", StringComparison.Ordinal);
        return isChoice && !IsSet(tag, "checked") ? null : ValuePattern().Match(tag).Groups["text"].Value;
    }

    private static bool IsSet(string tag, string attribute) => tag.Contains($" {attribute}", StringComparison.Ordinal);

    private static string Action(Match form) => ActionPattern().Match(form.Groups["attributes"].Value).Groups["text"].Value;

    [GeneratedRegex("<form(?<attributes>[^>]*)>.*?</form>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex FormPattern();

    [GeneratedRegex("""\saction="(?<text>[^"]*)["]""", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex ActionPattern();

    [GeneratedRegex("(?<tag><(input|select|textarea)[^>]*>)((?<=<select[^>]*>)(?<content>.*?)</select>|(?<=<textarea[^>]*>)(?<content>.*?)</textarea>)?", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex FieldPattern();

    [GeneratedRegex("data-copy=\"(?<text>[^\"]*)\"", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex CopyPattern();

    [GeneratedRegex("<option[^>]*>", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex OptionPattern();

    [GeneratedRegex("""name="_handler" value="(?<text>[^"]*)["]""", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex HandlerPattern();

    [GeneratedRegex("""\sname="(?<text>[^"]*)["]""", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex NamePattern();

    [GeneratedRegex("""\svalue="(?<text>[^"]*)["]""", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex ValuePattern();
}
