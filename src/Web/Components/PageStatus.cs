using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components;

/// <summary>The status of a page that says itself what is wrong.</summary>
internal static class PageStatus
{
    /// <summary>
    /// The page is answered with this status. It is set when the page is sent, not at once: a page that is being made and whose status is 404 is
    /// thrown away by the framework, for a page that knows less.
    /// </summary>
    public static void AnswerWith(this HttpResponse response, int status) => response.OnStarting(() =>
    {
        response.StatusCode = status;
        return Task.CompletedTask;
    });
}
